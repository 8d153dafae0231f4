"""`python -m benchmarks.serving.at_once PORT`: a socket that answers whatever comes, to show what the client can do."""

import select
import socket
import sys

ANSWER = b'HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{"result":0.0}'
CHUNK = 65_536


def main(port: int) -> None:
    """Answer until the process is ended; what is sent at once must fit into one read."""
    listener = socket.create_server(("127.0.0.1", port))
    poll, opened = select.poll(), {}
    poll.register(listener, select.POLLIN)
    while True:
        for number, _ in poll.poll():
            if number == listener.fileno():
                connection, _ = listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                opened[connection.fileno()] = connection
                poll.register(connection, select.POLLIN)
            elif _came(opened[number]):
                opened[number].sendall(ANSWER)
            else:
                poll.unregister(number)
                opened.pop(number).close()


def _came(connection: socket.socket) -> bool:
    try:
        return bool(connection.recv(CHUNK))
    except ConnectionError:
        return False


if __name__ == "__main__":
    main(int(sys.argv[1]))
