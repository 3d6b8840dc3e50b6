import hashlib

import pytest
from werkzeug import Response

from ingest.fetch import (
    ChecksumMismatch,
    DownloadFailed,
    NoNetwork,
    NotObtainable,
    download,
    fetch,
)
from ingest.manifest_types import Distribution

CONTENT = bytes(range(256)) * 4096
SHA = "sha256:" + hashlib.sha256(CONTENT).hexdigest()


def files_in(folder):
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def serve(server, handler):
    server.expect_request("/x.zip").respond_with_handler(handler)
    return server.url_for("/x.zip")


def whole(request):
    return Response(CONTENT)


def with_ranges(calls):
    """A server that drops the connection halfway and then honours ranges."""

    def handle(request):
        start = int(request.headers.get("Range", "bytes=0-").removeprefix("bytes=")[:-1])
        calls.append(start)
        status = 206 if start else 200
        rest = CONTENT[start:]
        sent = rest[: len(CONTENT) // 2] if len(calls) == 1 else rest
        response = Response(iter([sent]), status=status)
        response.headers["Content-Length"] = str(len(rest))
        return response

    return handle


def test_a_download_is_checked_and_told_about(tmp_path, httpserver):
    told = []
    url = serve(httpserver, whole)
    path = download(url, tmp_path / "x.zip", SHA, lambda n, total: told.append((n, total)))
    assert path.read_bytes() == CONTENT
    assert sum(n for n, _ in told) == len(CONTENT) == told[-1][1]
    assert files_in(tmp_path) == ["x.zip"]


def test_a_published_md5_is_checked(tmp_path, httpserver):
    md5 = "md5:" + hashlib.md5(CONTENT).hexdigest()
    assert download(serve(httpserver, whole), tmp_path / "x.zip", md5).exists()


def test_a_wrong_hash_leaves_nothing(tmp_path, httpserver):
    with pytest.raises(ChecksumMismatch, match="discarded"):
        download(serve(httpserver, whole), tmp_path / "x.zip", "sha256:" + "0" * 64)
    assert files_in(tmp_path) == []


def test_a_cut_connection_is_continued(tmp_path, httpserver):
    calls = []
    path = download(serve(httpserver, with_ranges(calls)), tmp_path / "x.zip", SHA)
    assert path.read_bytes() == CONTENT
    assert calls == [0, len(CONTENT) // 2]


def test_what_an_earlier_run_left_is_continued(tmp_path, httpserver):
    (tmp_path / "x.zip.part").write_bytes(CONTENT[:1000])
    calls = [-1]
    path = download(serve(httpserver, with_ranges(calls)), tmp_path / "x.zip", SHA)
    assert path.read_bytes() == CONTENT
    assert calls[1:] == [1000]


def test_a_server_without_ranges_is_asked_from_the_start(tmp_path, httpserver):
    (tmp_path / "x.zip.part").write_bytes(b"stale" * 100)
    path = download(serve(httpserver, whole), tmp_path / "x.zip", SHA)
    assert path.read_bytes() == CONTENT


def test_an_error_of_the_server_is_told(tmp_path, httpserver):
    url = serve(httpserver, lambda request: Response("gone", status=404))
    with pytest.raises(DownloadFailed, match=r"answered 404.*--from PATH"):
        download(url, tmp_path / "x.zip", SHA)
    assert files_in(tmp_path) == []


def test_no_network_is_told_with_the_way_out(tmp_path, unused_port):
    with pytest.raises(NoNetwork, match=r"cannot be reached.*--from PATH"):
        download(f"http://127.0.0.1:{unused_port}/x.zip", tmp_path / "x.zip", SHA)


@pytest.fixture
def unused_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_file_that_is_there_and_right_is_not_fetched_again(tmp_path, httpserver):
    (tmp_path / "x.zip").write_bytes(CONTENT)
    assert download(serve(httpserver, whole), tmp_path / "x.zip", SHA).exists()
    assert httpserver.log == []


def test_a_file_of_a_package_is_copied_and_checked(tmp_path):
    inside = "package:matplotlib/mpl-data/sample_data/grace_hopper.jpg"
    with pytest.raises(ChecksumMismatch):
        fetch(Distribution("x.jpg", inside, sha256="0" * 64), tmp_path)
    with pytest.raises(NotObtainable, match="no such file"):
        fetch(Distribution("x.jpg", "package:matplotlib/nothing"), tmp_path)
    with pytest.raises(NotObtainable, match="no such file"):
        fetch(Distribution("x.jpg", "package:no_such_package/x"), tmp_path)
    assert files_in(tmp_path) == []
    assert fetch(Distribution("x.jpg", inside), tmp_path).stat().st_size == 61306


def test_a_file_behind_a_login_prints_what_to_do(tmp_path):
    with pytest.raises(NotObtainable, match="Ask the owner"):
        fetch(Distribution("x.zip", instructions="Ask the owner."), tmp_path)
