"""`python -m benchmarks.serving.at_once PORT`: a socket that answers each read at once, to show the client's limit."""

import asyncio
import sys


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while await reader.read(65_536):
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{"result":0.0}')


async def main() -> None:
    await (await asyncio.start_server(answer, "127.0.0.1", int(sys.argv[1]))).serve_forever()


asyncio.run(main())
