"""What recognition computes on: the processor, or a card that ONNX Runtime has a provider for."""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Final, Literal

from shared.language import spoken

Provider = Literal["cpu", "cuda", "tensorrt", "migraphx", "openvino", "cann"]

_NAMES: Final[dict[Provider, str]] = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "migraphx": "MIGraphXExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
    "cann": "CANNExecutionProvider",
}
"""How ONNX Runtime calls them: NVIDIA (two ways), AMD, Intel, Huawei Ascend."""


class ProviderAway(RuntimeError):
    """ONNX Runtime was asked for a provider and went on with another one."""


def offered() -> list[Provider]:
    """Return the providers that the installed ONNX Runtime was built with; none without it."""
    if find_spec("onnxruntime") is None:
        return []
    import onnxruntime  # type: ignore[import-untyped]  # noqa: PLC0415 - slow, and seldom asked for

    built_with = onnxruntime.get_available_providers()
    return [provider for provider, name in _NAMES.items() if name in built_with]


def wished(provider: Provider) -> list[str]:
    """Return what to ask ONNX Runtime for: steps that a card cannot do are left to the processor."""
    return list(dict.fromkeys((_NAMES[provider], _NAMES["cpu"])))


def make_sure(provider: Provider, running: Sequence[str]) -> None:
    """Raise `ProviderAway` unless a session runs on this provider: ONNX Runtime falls back without a word."""
    if _NAMES[provider] not in running:
        raise ProviderAway(
            f"GOUJI_OCR_PROVIDER={provider}: ONNX Runtime "
            + spoken(
                "未能使用，请查驱动和库", "could not be used, look at the driver and its libraries"
            )
            + f"; {spoken('在用', 'running', ' ')}: {', '.join(running)}"
        )
