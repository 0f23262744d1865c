"""Stand-in for TensorFlow, so that Rasa's linear pipelines run where it is not installed.

Rasa 3.6 imports TensorFlow at start although only its neural components use it. Where it is
missing, this module answers those imports with empty modules whose every attribute is an empty
class: enough to define Rasa's classes, useless to compute with. With the `tensorflow` extra
installed nothing here takes effect. `DAIHOU_TF_STANDIN=0` turns it off.

Called by the .pth file beside it at interpreter start, hence: standard library only, no work
beyond one path lookup.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import os
import sys
import types
import warnings

REPLACED = frozenset({"tensorflow", "keras", "tensorflow_addons", "tensorflow_hub", "tensorflow_text", "jax"})
MISSING = "tensorflow.experimental"  # thinc (spaCy) asks for it to learn whether TensorFlow can really compute


class _Anything(type):
    """Metaclass of the empty classes: any attribute is another empty class."""

    def __getattr__(cls, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        return _empty_class(name)

    def __or__(cls, other: object) -> object:  # annotations such as `tf.Tensor | None`
        return cls

    __ror__ = __or__


def _empty_class(name: str) -> type:
    def new(cls: type, *args: object, **kwargs: object) -> object:
        # As a decorator (`@tf.function`, `@register_keras_serializable()`) it gives back what it decorates.
        if len(args) == 1 and not kwargs and (isinstance(args[0], types.FunctionType) or type(args[0]) is _Anything):
            return args[0]
        return object.__new__(cls)

    def call(self: object, *args: object, **kwargs: object) -> object:
        return args[0] if args else self

    members = {
        "__new__": new,
        "__call__": call,
        "__init__": lambda self, *a, **k: None,
        "__len__": lambda self: 0,  # thinc counts the graphics cards at import
    }
    return _Anything(name, (), members)


class _Module(types.ModuleType):
    __path__: list[str] = []  # noqa: RUF012
    __version__ = "2.12.0"

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        made = _empty_class(name)
        setattr(self, name, made)
        return made


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, fullname: str, path: object = None, target: object = None) -> object:
        if fullname.startswith(MISSING):
            return None
        if fullname.partition(".")[0] in REPLACED:
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        return None


def is_active() -> bool:
    """True where the stand-in answers for TensorFlow in this process."""
    return any(isinstance(finder, _Finder) for finder in sys.meta_path)


def install() -> None:
    """Put the finder first on the path, unless TensorFlow is there or the switch is off."""
    if os.environ.get("DAIHOU_TF_STANDIN") == "0" or is_active():
        return
    if importlib.machinery.PathFinder.find_spec("tensorflow") is None:
        sys.meta_path.insert(0, _Finder())


def hush_rasa_command() -> None:
    """In a `rasa …` command leave out deprecations of its pinned libraries; dozens of lines that nobody can act on.

    Rasa's own warnings (UserWarning, FutureWarning) are shown as ever; PYTHONWARNINGS or -W shows all.
    """
    words = getattr(sys, "orig_argv", [])[1:3]
    if sys.warnoptions or not (words == ["-m", "rasa"] or (words and os.path.basename(words[0]) == "rasa")):
        return
    show = warnings.showwarning

    def show_useful(message, category, filename, lineno, file=None, line=None):  # type: ignore[no-untyped-def]
        if not issubclass(category, (DeprecationWarning, PendingDeprecationWarning)):
            show(message, category, filename, lineno, file, line)

    warnings.showwarning = show_useful
