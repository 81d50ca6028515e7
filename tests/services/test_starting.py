"""What a service loads before it does anything: each costs every start of every copy."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("service", ["extract", "normalize", "notify"])
def test_a_service_without_a_database_does_not_load_its_library(service):
    asked = f"import sys, services.{service}.app; print('sqlalchemy' in sys.modules)"

    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)

    assert told.stdout == "False\n"
