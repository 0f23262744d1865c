// The control chart as a tree of nodes: what is marked, without a browser.
import { expect, test, vi } from "vitest";
import type { Drawn } from "../src/desk/complaints/Chart";

vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined });
const { Chart } = await import("../src/desk/complaints/Chart");

interface Node {
  type?: unknown;
  props?: { class?: string; children?: unknown; [name: string]: unknown };
}

function* nodes(tree: unknown): Generator<Node> {
  if (Array.isArray(tree)) for (const one of tree) yield* nodes(one);
  else if (tree && typeof tree === "object") {
    yield tree as Node;
    yield* nodes((tree as Node).props?.children);
  }
}

const flat = (value: number) => Array.from({ length: 6 }, () => value);
const DRAWN: Drawn = {
  kind: "u",
  names: ["2026-W01", "2026-W02", "2026-W03", "2026-W04", "2026-W05", "2026-W06"],
  series: [1, 9, 1, 1, 1, 9],
  limits: { centre: flat(1), upper: flat(5), lower: flat(0) },
  alarms: [1, 5],
};

test("only points after the baseline are marked as alarms, on the chart and in its table", () => {
  const found = [...nodes(Chart({ chart: DRAWN, baseline: 4, title: "催收" }))];
  expect(found.filter((one) => one.type === "path" && one.props?.class === "alarm")).toHaveLength(1);
  expect(found.filter((one) => one.type === "circle")).toHaveLength(5);
  expect(found.filter((one) => one.type === "td" && one.props?.class === "bad")).toHaveLength(1);
  expect(String(found.find((one) => one.type === "svg")?.props?.["aria-label"])).toMatch(/，1 次预警/);
});

test("without a baseline every alarm is marked", () => {
  const found = [...nodes(Chart({ chart: DRAWN, baseline: 0, title: "催收" }))];
  expect(found.filter((one) => one.props?.class === "alarm")).toHaveLength(2);
});
