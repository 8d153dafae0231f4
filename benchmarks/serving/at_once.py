"""`python -m benchmarks.serving.at_once PORT`: a socket that answers each read at once, to show the client's limit."""

import asyncio
import sys

ANSWER = b'HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{"result":0.0}'


class Once(asyncio.Protocol):
    """Answers each read, into which a short request fits."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Answer on this connection from now on."""
        self.data_received = lambda _: transport.write(ANSWER)


async def main(port: int) -> None:
    """Answer until the process is ended."""
    await (await asyncio.get_running_loop().create_server(Once, "127.0.0.1", port)).serve_forever()


asyncio.run(main(int(sys.argv[1])))
