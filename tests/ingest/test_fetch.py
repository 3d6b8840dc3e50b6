import hashlib
import shutil
import threading
import time

import pytest
from werkzeug import Response

from ingest.fetch import (
    ChecksumMismatch,
    DiskFull,
    DownloadFailed,
    NoNetwork,
    NotObtainable,
    download,
)
from ingest.manifests.types import Distribution
from ingest.pulling.addresses import web_address
from ingest.pulling.distributions import fetch, fetch_all
from ingest.reporting import Silent

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


def test_a_download_is_checked_and_told_about(tmp_path, httpserver, capfd):
    told = []
    url = serve(httpserver, whole)
    path = download(url, tmp_path / "x.zip", SHA, lambda n, total: told.append((n, total)))
    assert path.read_bytes() == CONTENT
    assert sum(n for n, _ in told) == len(CONTENT) == told[-1][1]
    assert capfd.readouterr().err == ""
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


def test_a_server_that_stalls_is_given_up_and_told(tmp_path, httpserver, monkeypatch):
    monkeypatch.setattr("ingest.fetch.TIMEOUT", (1.0, 0.1))
    monkeypatch.setattr("ingest.fetch._ATTEMPTS", 2)

    def stall(request):
        time.sleep(0.3)
        return Response(CONTENT)

    with pytest.raises(NoNetwork, match="no answer in time"):
        download(serve(httpserver, stall), tmp_path / "x.zip", SHA)
    assert files_in(tmp_path) == []


def test_a_server_that_is_only_slow_is_waited_for(tmp_path, httpserver, monkeypatch):
    monkeypatch.setattr("ingest.fetch.TIMEOUT", (1.0, 1.0))

    def trickle():
        for start in range(0, len(CONTENT), len(CONTENT) // 4):
            time.sleep(0.05)
            yield CONTENT[start : start + len(CONTENT) // 4]

    url = serve(httpserver, lambda request: Response(trickle()))
    assert download(url, tmp_path / "x.zip", SHA).read_bytes() == CONTENT


def test_more_than_the_published_size_is_cut_off(tmp_path, httpserver):
    for handler in (whole, lambda request: Response(iter([CONTENT[:5000], CONTENT]))):
        httpserver.clear()
        with pytest.raises(DownloadFailed, match="more than the 6000 bytes"):
            download(serve(httpserver, handler), tmp_path / "x.zip", None, size=6000)
        assert files_in(tmp_path) == []


def test_a_full_disk_is_told_before_the_bytes_come(tmp_path, httpserver, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=10))
    with pytest.raises(DiskFull, match=f"{len(CONTENT)} bytes are needed and 10 are free"):
        download(serve(httpserver, whole), tmp_path / "x.zip", SHA)


def test_mirrors_are_tried_in_order(tmp_path, httpserver):
    asked = []

    def answer(name, response):
        def handle(request):
            asked.append(name)
            return response

        httpserver.expect_request(f"/{name}").respond_with_handler(handle)
        return httpserver.url_for(f"/{name}")

    gone = answer("gone", Response("gone", status=404))
    wrong = answer("wrong", Response(b"other bytes"))
    right = answer("right", Response(CONTENT))
    sha = SHA.removeprefix("sha256:")
    file = Distribution("x.zip", gone, mirrors=[wrong, right], sha256=sha)
    assert fetch(file, tmp_path).read_bytes() == CONTENT
    assert asked == ["gone", "wrong", "right"]
    assert files_in(tmp_path) == ["x.zip"]
    (tmp_path / "x.zip").unlink()
    with pytest.raises(ChecksumMismatch):
        fetch(Distribution("x.zip", gone, mirrors=[wrong], sha256=sha), tmp_path)


def test_the_parts_of_a_split_file_are_joined_and_checked(tmp_path, httpserver):
    thirds = [CONTENT[:1000], CONTENT[1000:500_000], CONTENT[500_000:]]
    for number, part in enumerate(thirds):
        httpserver.expect_request(f"/{number}").respond_with_data(part)
    urls = [httpserver.url_for(f"/{number}") for number in range(3)]
    file = Distribution("x.tar.xz", part_urls=urls, sha256=SHA.removeprefix("sha256:"))
    assert fetch(file, tmp_path).read_bytes() == CONTENT
    assert files_in(tmp_path) == ["x.tar.xz"]
    asked = len(httpserver.log)
    fetch(file, tmp_path)
    assert len(httpserver.log) == asked
    with pytest.raises(ChecksumMismatch):
        fetch(Distribution("y", part_urls=urls, sha256="0" * 64), tmp_path)
    assert files_in(tmp_path) == ["x.tar.xz"]


def test_several_files_come_at_once(tmp_path, monkeypatch):
    together = threading.Barrier(2, timeout=5)

    def wait_for_the_other(file, folder, advance):
        together.wait()
        return folder / file.name

    monkeypatch.setattr("ingest.pulling.distributions.fetch", wait_for_the_other)
    files = [Distribution("a", "https://example.org"), Distribution("b", "https://example.org")]
    assert fetch_all(files, tmp_path, Silent()) == [tmp_path / "a", tmp_path / "b"]


def test_one_failing_file_stops_the_others(tmp_path, httpserver):
    ended = threading.Event()

    def endless(request):
        def pieces():
            while not ended.wait(0.01):
                yield bytes(1 << 18)

        return Response(pieces())

    long = Distribution("long", serve(httpserver, endless))
    with pytest.raises(NotObtainable, match="no such file"):
        fetch_all([long, Distribution("gone", "package:nothing/x")], tmp_path, Silent())
    ended.set()
    assert "long" not in files_in(tmp_path)


def test_google_drive_is_asked_directly_and_its_page_is_no_file(tmp_path, httpserver, monkeypatch):
    monkeypatch.setattr("ingest.pulling.addresses._DRIVE", httpserver.url_for("/download"))
    query = {"id": "AbC_1-2", "export": "download", "confirm": "t"}
    httpserver.expect_ordered_request("/download", query_string=query).respond_with_data(CONTENT)
    httpserver.expect_ordered_request("/download").respond_with_data(
        "<html>Quota exceeded</html>", content_type="text/html; charset=utf-8"
    )
    assert fetch(Distribution("x.zip", "gdrive:AbC_1-2"), tmp_path).read_bytes() == CONTENT
    with pytest.raises(DownloadFailed, match=r"a page in place of the file.*quota"):
        fetch(Distribution("y.zip", "gdrive:AbC_1-2"), tmp_path)
    assert files_in(tmp_path) == ["x.zip"]


def test_the_hub_is_asked_with_the_token_kept_here(tmp_path, httpserver, monkeypatch):
    import huggingface_hub

    monkeypatch.setattr(huggingface_hub, "get_token", lambda: "hf_secret")
    address = web_address("hf:owner/name@v1.2/data/x y.zip".replace(" ", "_"))
    assert address.url == "https://huggingface.co/datasets/owner/name/resolve/v1.2/data/x_y.zip"
    assert address.headers == {"Authorization": "Bearer hf_secret"}
    assert "/resolve/main/" in web_address("hf:owner/name/x.zip").url
    assert web_address("https://example.org/hf:x").headers == {}


def test_a_token_does_not_travel_to_another_host(tmp_path, httpserver, monkeypatch):
    from ingest.pulling.addresses import WebAddress

    seen = {}

    def there(request):
        seen["token"] = request.headers.get("Authorization")
        return Response(CONTENT)

    other = httpserver.url_for("/there").replace("localhost", "127.0.0.1")
    httpserver.expect_request("/there").respond_with_handler(there)
    httpserver.expect_request("/here").respond_with_data(status=302, headers={"Location": other})
    here = WebAddress(httpserver.url_for("/here"), {"Authorization": "Bearer secret"})
    monkeypatch.setattr("ingest.fetch.web_address", lambda address: here)
    assert download("hf:x/y/z", tmp_path / "x.zip", SHA).read_bytes() == CONTENT
    assert seen == {"token": None}
