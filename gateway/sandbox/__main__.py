"""`python -m gateway.sandbox`: serve the sandbox on the loopback address."""

import argparse
import os
import socket
import sys
from pathlib import Path

LOOPBACK = "127.0.0.1"
REFUSED = 2


def main() -> int:
    """Serve until told to stop. 2 when it must not or cannot start, with the reason on stderr."""
    wanted = arguments()
    if os.environ.get("WUYE_ENVIRONMENT", "").strip().lower() == "production":
        return refuse("WUYE_ENVIRONMENT=production：沙盒只用于开发和演示，生产环境不启动")
    try:
        listener = listen(wanted.port)
    except OSError:
        return refuse(f"端口 {wanted.port} 已被占用，请换一个端口或先停掉占用它的程序")
    serve(listener, wanted.state, wanted.corp_id)
    return 0


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="gateway.sandbox", description="本机的企业微信沙盒")
    parser.add_argument("--port", type=int, default=8602, help="端口，0 表示任选一个空闲的")
    parser.add_argument("--state", type=Path, required=True, help="状态保存在哪个文件夹")
    parser.add_argument("--corp-id", default=None, help="企业 ID；也可以由 seed 写入")
    return parser.parse_args()


def refuse(sentence: str) -> int:
    """Say why, and the exit code."""
    print(f"沙盒没有启动。{sentence}。", file=sys.stderr)
    return REFUSED


def listen(port: int) -> socket.socket:
    """A listening socket on loopback.

    The protocol is named because asyncio sends without delay (TCP_NODELAY) only if it is: a
    keep-alive call takes 1 ms instead of 40.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    return listener


def serve(listener: socket.socket, state: Path, corp_id: str | None) -> None:
    """Run the server; announces its address on stdout once it listens."""
    import uvicorn

    from gateway.sandbox.app import create_app

    config = uvicorn.Config(
        create_app(state, corp_id),
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
    print(f"企业微信沙盒 http://{LOOPBACK}:{listener.getsockname()[1]}", flush=True)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    sys.exit(main())
