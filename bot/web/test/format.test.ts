import { expect, test } from "vitest";
import { limit } from "../src/desk/format";

test("a time limit ends at 24:00 of its last day", () => {
  expect(limit("2026-12-13")).toBe("12-13 24:00");
  expect(limit("2026-11-30T16:00:00+00:00")).toBe("11-30 24:00"); // midnight in Shanghai
  expect(limit("2026-12-01T00:00:00+08:00")).toBe("11-30 24:00");
  expect(limit("2020-03-01T04:30:00+00:00")).toBe("03-01 12:30");
});
