"""The one thing replaced inside Rasa: who walks the model's graph when a message is answered.

Reason: Rasa hands the graph to dask for every run, which plans it anew each time; a third of what understanding costs.
The order never changes while a model is loaded, so here it is found once for each target. Rasa's own extension point,
`GraphRunner`; the nodes, their inputs and their errors are Rasa's. `tests/dialogue/test_equal_to_rasa.py` holds both
equal over a set of conversations; `RASA_DIRECT=0` turns it off.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import ExecutionContext, GraphNode, GraphNodeHook, GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.storage import ModelStorage

Step = tuple[str, GraphNode, tuple[str, ...]]


class DirectRunner(GraphRunner):
    """Runs the nodes that a target needs, one after the other, in this thread."""

    def __init__(self, loaded: DaskGraphRunner) -> None:
        self._schema: GraphSchema = loaded._graph_schema
        self._nodes: dict[str, GraphNode] = loaded._instantiated_nodes
        self._plans: dict[tuple[str, ...], list[Step]] = {}

    @classmethod
    def create(
        cls,
        graph_schema: GraphSchema,
        model_storage: ModelStorage,
        execution_context: ExecutionContext,
        hooks: list[GraphNodeHook] | None = None,
    ) -> DirectRunner:
        return cls(DaskGraphRunner.create(graph_schema, model_storage, execution_context, hooks))

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """The output of each target.

        Raises:
            GraphRunError: a component ran into a RuntimeError, as with Rasa's runner.
        """
        wanted = tuple(targets or self._schema.target_names)
        if wanted not in self._plans:
            self._plans[wanted] = self._plan(wanted)
        made: dict[str, Any] = {name: (name, value) for name, value in (inputs or {}).items()}
        try:
            for name, node, needs in self._plans[wanted]:
                made[name] = node(*(made.get(need, need) for need in needs))
        except RuntimeError as error:
            raise GraphRunError("Error running runner.") from error
        return {name: made[name][1] for name in wanted}

    def _plan(self, wanted: tuple[str, ...]) -> list[Step]:
        """The needed nodes, each after those it reads from."""
        schema = self._schema.minimal_graph_schema(list(wanted))
        steps: list[Step] = []
        placed: set[str] = set()

        def place(name: str) -> None:
            if name in placed or name not in schema.nodes:
                return  # what is no node is an input of the run
            placed.add(name)
            needs = tuple(schema.nodes[name].needs.values())
            for need in needs:
                place(need)
            steps.append((name, self._nodes[name], needs))

        for name in schema.nodes:
            place(name)
        return steps
