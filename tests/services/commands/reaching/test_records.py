"""What the database says of files, on both systems."""

from services.commands.reaching import records
from tests.support.filed import file_away

NOTICE = ("notice.txt", "关于召开会议的通知\n".encode())
OTHER = ("other.txt", "关于放假的通知\n".encode())


def test_files_are_listed_and_counted_alike(database_url):
    file_away(database_url, [NOTICE, OTHER])

    listed = records.file_states(database_url)

    assert [row.name for row in listed] == ["notice.txt", "other.txt"]
    assert records.state_counts(database_url) == {listed[0].state: 2}


def test_only_the_documents_asked_for_are_listed(database_url):
    file_away(database_url, [NOTICE, OTHER])
    first, _ = records.file_states(database_url)

    assert records.file_states(database_url, [str(first.document_id)]) == [first]


def test_where_nothing_was_ever_recorded_there_is_nothing(empty_url, tmp_path):
    (tmp_path / "gouji.db").touch()

    assert records.file_states(empty_url) == []
    assert records.state_counts(empty_url) == {}
