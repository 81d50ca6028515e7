import pytest

from services.sink.adapters.database import Database


@pytest.fixture
def postgres_url(postgres):
    """A new database on the private server."""
    return postgres.new_database()


@pytest.fixture
def empty_url(database_url):
    """A database without tables, on either system."""
    return database_url


@pytest.fixture
def url(empty_url):
    database = Database(empty_url)
    database.migrate()
    database.close()
    return empty_url


@pytest.fixture
def database(url):
    database = Database(url)
    yield database
    database.close()
