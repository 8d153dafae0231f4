"""`python -m benchmarks.serving.at_once PORT`: a socket that answers each read at once, to show the client's limit."""

import asyncio
import sys

ANSWER = b'HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{"result":0.0}'


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer each read, into which a short request fits."""
    while await reader.read(65_536):
        writer.write(ANSWER)
    writer.close()


async def main(port: int) -> None:
    """Answer until the process is ended."""
    await (await asyncio.start_server(answer, "127.0.0.1", port)).serve_forever()


asyncio.run(main(int(sys.argv[1])))
