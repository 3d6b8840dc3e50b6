import socket

import pytest


def test_a_test_cannot_reach_the_network():
    with pytest.raises(RuntimeError, match="reached for"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with pytest.raises(RuntimeError, match="looked up"):
        socket.create_connection(("example.org", 80), timeout=1)


def test_a_test_may_talk_to_itself():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=1).close()
