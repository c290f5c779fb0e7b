"""What WhiteNoise leaves out, for a site without nginx in front."""

from pathlib import Path
from wsgiref.headers import Headers


def weak_etag(headers: Headers, path: str, url: str) -> None:
    """Give a static file a weak entity tag, since the file and its compressed forms have the same one."""
    file = Path(path).stat()
    headers["ETag"] = f'W/"{file.st_mtime_ns:x}-{file.st_size:x}"'
