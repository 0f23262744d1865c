// What must not be in the sources: markup from strings, addresses of others, sentences in components.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../src");
const files = readdirSync(root, { recursive: true, encoding: "utf-8" }).filter((name) => /\.(tsx?|html|css)$/.test(name));
const source = (name: string) => readFileSync(join(root, name), "utf-8");

test("nothing is drawn from a string of markup", () => {
  const bad = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|dangerouslySetInnerHTML|\beval\(|new Function|DOMParser/;
  expect(files.filter((name) => bad.test(source(name)))).toEqual([]);
});

test("nothing is asked from anybody else", () => {
  const addresses = files.flatMap((name) => [...source(name).matchAll(/(?:https?:)?\/\/[\w-]+\.[\w./-]+/g)].map((found) => `${name}: ${found[0]}`));
  expect(addresses.filter((found) => !/https:\/\/lender\.example\/widget\.js$|http:\/\/www\.w3\.org\/2000\/svg$/.test(found))).toEqual([]);
});

test("components hold no Chinese: words live in the catalogues", () => {
  const allowed = /^(host\/(index\.html|words\.ts)|i18n\/languages\.ts)$/;
  expect(files.filter((name) => !allowed.test(name) && /[\u4e00-\u9fff]/.test(source(name)))).toEqual([]);
});

test("no inline script, style or handler in the page", () => {
  const page = source("host/index.html");
  expect(page).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/);
});
