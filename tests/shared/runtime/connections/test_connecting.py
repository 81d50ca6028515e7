"""What the settings of the bus come to, and that no secret gets into words."""

import os
from pathlib import Path

import nkeys
import pytest

from shared.database.engine import database_url, open_engine, shown_url
from shared.runtime.connections.connecting import Access, access_of
from shared.runtime.connections.refusals import denied_by, refusal_of
from shared.runtime.settings import Settings
from shared.secrets import BadSetting, read_secret, redacted, with_password_file


def secret(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


def test_several_servers_are_parted_by_commas_and_keep_no_user():
    access = access_of(Settings(nats_url="tls://u:p%40ss@a:4222, tls://u:p%40ss@b:4333"), "sink")

    assert access.servers == ("tls://a:4222", "tls://b:4333")
    assert (access.user, access.password, access.inbox) == ("u", "p@ss", "_INBOX_sink")
    assert access.is_encrypted
    assert "p@ss" not in repr(access)
    assert "u:" not in access.shown


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"nats_url": ""}, "GOUJI_NATS_URL"),
        ({"nats_url": "nats://u:geheim/x@host:99999"}, "GOUJI_NATS_URL"),
        ({"nats_url": "nats://u:geheim@host:port"}, "GOUJI_NATS_URL"),
        ({"nats_url": "nats://a:1,tls://b:2"}, "GOUJI_NATS_URL"),
        ({"nats_url": "nats://u:geheim@a", "nats_user": "v"}, "GOUJI_NATS_USER"),
        ({"nats_user": "u", "nats_nkey_file": "k"}, "GOUJI_NATS_USER, GOUJI_NATS_NKEY_FILE"),
        ({"nats_password_file": "p"}, "GOUJI_NATS_PASSWORD_FILE"),
        ({"nats_key_file": "k"}, "GOUJI_NATS_KEY_FILE"),
    ],
)
def test_settings_that_contradict_each_other_are_named(fields, named):
    with pytest.raises(BadSetting, match=named) as refused:
        access_of(Settings(**fields), "sink")

    assert "geheim" not in str(refused.value)


def test_an_empty_variable_is_none(monkeypatch):
    for name in ("NKEY_FILE", "CA_FILE", "USER", "API", "INBOX"):
        monkeypatch.setenv(f"GOUJI_NATS_{name}", "")

    access = access_of(Settings(nats_url="nats://a"), "sink")

    assert access == Access(("nats://a",), inbox="_INBOX_sink")


@pytest.mark.parametrize(
    ("variable", "make", "why"),
    [
        ("NKEY_FILE", lambda p: p, "cannot be read"),
        ("NKEY_FILE", lambda p: secret(p, "SUAgeheim", 0o644), "open to everybody"),
        ("NKEY_FILE", lambda p: secret(p, ""), "is empty"),
        ("NKEY_FILE", lambda p: secret(p, "geheim"), "holds no nkey seed"),
        ("NKEY_FILE", lambda p: p.parent, "must be a file"),
        ("CA_FILE", lambda p: p, "cannot be read"),
        ("CA_FILE", lambda p: secret(p, "geheim"), "holds no certificate"),
        ("CREDS_FILE", lambda p: secret(p, "geheim", 0o604), "open to everybody"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_its_variable_and_never_quoted(
    tmp_path, variable, make, why
):
    given = {f"nats_{variable.lower()}": make(tmp_path / "file")}

    with pytest.raises(BadSetting) as refused:
        access_of(Settings(**given), "sink").options()

    assert f"GOUJI_NATS_{variable}" in str(refused.value)
    assert why in str(refused.value)
    assert "geheim" not in str(refused.value)


def test_a_replaced_key_is_read_again_for_the_next_connection(tmp_path):
    path = tmp_path / "a.nk"
    seeds = [nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER).decode() for _ in range(2)]
    access = access_of(Settings(nats_nkey_file=secret(path, seeds[0] + "\n")), "sink")
    first = access.options()["nkeys_seed_str"]
    secret(path, seeds[1])

    assert [first, access.options()["nkeys_seed_str"]] == seeds


def test_settings_show_no_password():
    settings = Settings(nats_url="nats://u:geheim@a", database_url="postgresql://u:geheim@h/d")

    assert "geheim" not in repr(settings) + str(settings)
    with pytest.raises(BadSetting) as refused:
        Settings(loops="postgresql://u:geheim@h/d")
    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cannot reach nats://u:p@a:1,nats://u:p/q@b:2 now", "cannot reach nats://***@a:1,nats://***@b:2 now"),
        ("postgresql://gouji:x@y@host/db", "postgresql://***@host/db"),
        ("王@例 a@b", "王@例 a@b"),
    ],
)  # fmt: skip
def test_addresses_lose_user_and_password(text, expected):
    assert redacted(text) == expected


def test_the_address_of_a_database_names_the_file_of_its_password(tmp_path):
    path = secret(tmp_path / "密码 file", "geheim\n")
    url = with_password_file("postgresql://gouji@h/d?sslmode=verify-full", path)

    assert with_password_file(url, path) == url
    assert database_url(url).query == {"sslmode": "verify-full"}
    assert "geheim" not in url + shown_url(url)
    open_engine(url, writing=True).dispose()
    path.chmod(0o644)
    with pytest.raises(BadSetting, match="GOUJI_DATABASE_PASSWORD_FILE"):
        open_engine(url, writing=True)


@pytest.mark.parametrize(
    "url", ["postgresql://u:geheim@h:x/d", "geheim", "postgresql://u:gehe@im:@h:1@/d"]
)
def test_a_broken_address_of_a_database_is_not_quoted(url):
    with pytest.raises(BadSetting) as refused:
        database_url(url)

    assert "gehe" not in str(refused.value)


def test_a_password_in_the_query_is_not_shown():
    assert "geheim" not in shown_url("postgresql://u@h/d?password=geheim&sslmode=require")


def test_a_password_in_two_places_is_refused(tmp_path):
    path = secret(tmp_path / "p", "geheim")
    with pytest.raises(BadSetting, match="already"):
        open_engine(with_password_file("postgresql://u:other@h/d", path), writing=True)


def test_what_the_server_denies_is_told_from_what_it_refuses():
    denied = Exception('nats: permissions violation for publish to "gouji.v1.report.x"')

    assert denied_by(denied) == ("publish", "gouji.v1.report.x")
    assert denied_by(Exception("nats: timeout")) is None
    assert refusal_of(Exception("nats: 'Authorization Violation'")).startswith("authorization")
    assert refusal_of(ConnectionRefusedError(111, "refused")) is None


def test_a_secret_is_read_without_blanks_around_it(tmp_path):
    assert read_secret(secret(tmp_path / "s", " a b\n"), "GOUJI_X") == "a b"
    assert read_secret(secret(tmp_path / "s", "a", 0o640), "GOUJI_X") == "a"
