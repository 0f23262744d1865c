// Three small builds into dist/: `--mode widget` makes widget.js, one classic script that a host page may load from
// anywhere; `--mode host` makes the demo page, `--mode desk` the staff console. The widget goes first because it empties dist/.
import { copyFileSync, mkdirSync, renameSync } from "node:fs";
import { resolve } from "node:path";
import { defineConfig } from "vite";

const here = import.meta.dirname;
const dist = resolve(here, "dist");
const shared = { target: ["chrome80", "safari14"], outDir: dist, reportCompressedSize: true };
const jsx = { oxc: { jsx: { runtime: "automatic" as const, importSource: "preact" } } };

export default defineConfig(({ mode }) => {
  if (mode === "host")
    return { ...jsx, root: resolve(here, "src/host"), build: { ...shared, emptyOutDir: false, modulePreload: false } };
  if (mode === "desk")
    return {
      ...jsx,
      root: resolve(here, "src/desk"),
      build: { ...shared, target: ["chrome100", "safari15.4"], emptyOutDir: false, modulePreload: false },
      plugins: [
        {
          name: "desk-page", // both pages are built as index.html; the server knows this one by its own name
          writeBundle() {
            renameSync(resolve(dist, "index.html"), resolve(dist, "desk.html"));
          },
        },
      ],
    };
  return {
    ...jsx,
    publicDir: false,
    define: { "process.env.NODE_ENV": JSON.stringify("production") },
    build: {
      ...shared,
      emptyOutDir: true,
      lib: { entry: resolve(here, "src/widget/main.tsx"), formats: ["iife" as const], name: "DaihouWidget", fileName: () => "widget.js" },
    },
    plugins: [
      {
        // For browsers without constructable style sheets; see src/widget/styles.ts.
        name: "style-sheet-beside",
        closeBundle() {
          mkdirSync(resolve(dist, "assets"), { recursive: true });
          copyFileSync(resolve(here, "src/widget/widget.css"), resolve(dist, "assets/widget.css"));
          // The documents of arrangements are made on the server (bot/services/papers.py) and embed this font.
          mkdirSync(resolve(dist, "fonts"), { recursive: true });
          const noto = "node_modules/@expo-google-fonts/noto-sans-sc";
          copyFileSync(resolve(here, noto, "400Regular/NotoSansSC_400Regular.ttf"), resolve(dist, "fonts/NotoSansSC.ttf"));
        },
      },
    ],
    test: { include: ["test/**/*.test.ts"], environment: "node" },
  };
});
