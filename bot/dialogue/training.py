"""`python -m bot.dialogue.training PROJECT DIR`: train a project's model into DIR. Started by `bot.dialogue.registry`."""

from __future__ import annotations

import sys
import tarfile
from functools import partial
from pathlib import Path

from bot.dialogue.quiet import quiet

QUICK = 1  # of gzip's levels: weights hardly pack, and the usual one takes five times as long


def main(project: Path, output: Path) -> int:
    """0 when a model lies in `output`."""
    quiet()
    from rasa.engine.training.hooks import TrainingHook
    from rasa.model_training import train

    # Everything is trained anew, so nobody would read what these hooks hash and keep: a tenth of the time.
    TrainingHook.on_before_node = TrainingHook.on_after_node = lambda *_, **__: {}  # type: ignore[method-assign]
    tarfile.TarFile.gzopen = partial(tarfile.TarFile.gzopen, compresslevel=QUICK)  # type: ignore[method-assign]
    parts = (project / "domain.yml", project / "config.yml", project / "data", output)
    return 0 if train(*map(str, parts), force_training=True).model else 1


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), Path(sys.argv[2])))
