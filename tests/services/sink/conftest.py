import pytest

from services.sink.adapters.database import Database


@pytest.fixture
def postgres_url(postgres):
    """A new database on the private server."""
    return postgres.new_database()


@pytest.fixture
def url(database_url):
    return database_url


@pytest.fixture
def database(url):
    database = Database(url)
    yield database
    database.close()
