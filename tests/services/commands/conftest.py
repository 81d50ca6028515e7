import pytest

from services.commands.reaching.reading import reading
from services.sink.adapters.database import Database
from services.sink.adapters.reviews import Reviews


@pytest.fixture
def database(database_url):
    """The sink's door to a migrated database, on either system."""
    store = Database(database_url)
    store.migrate()
    yield store
    store.close()


@pytest.fixture
def reviews(database, database_url):
    store = Reviews(database_url)
    yield store
    store.close()


@pytest.fixture
def reader(database, database_url):
    with reading(database_url) as found:
        yield found
