// Small builds into dist/, in this order: `--mode widget` makes the widget's core (assets/widget-HASH.js) and empties dist/;
// `--mode launcher` makes widget.js, the classic script that a host page may load from anywhere and that fetches the core,
// and the pages of /chat; `--mode desk` the staff console; `--mode host` the demo page.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
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
  if (mode === "launcher") {
    const core = `assets/${readdirSync(resolve(dist, "assets")).find((name) => /^widget-.*\.js$/.test(name))}`;
    return {
      publicDir: false,
      define: { __CORE__: JSON.stringify(core) },
      build: { ...shared, emptyOutDir: false, lib: script("src/launcher/launcher.ts", "DaihouLauncher", "widget.js") },
      plugins: [{ name: "chat-pages", closeBundle: () => chatPages(core) }],
    };
  }
  return {
    ...jsx,
    publicDir: false,
    define: { "process.env.NODE_ENV": JSON.stringify("production") },
    build: {
      ...shared,
      emptyOutDir: true,
      lib: script("src/widget/main.tsx", "DaihouWidget", "widget.js"),
      rollupOptions: { output: { entryFileNames: "assets/widget-[hash].js" } },
    },
    plugins: [
      {
        // For browsers without constructable style sheets; see src/launcher/style.ts.
        name: "style-sheets-beside",
        closeBundle() {
          mkdirSync(resolve(dist, "assets"), { recursive: true });
          copyFileSync(resolve(here, "src/widget/widget.css"), resolve(dist, "assets/widget.css"));
          copyFileSync(resolve(here, "src/launcher/launcher.css"), resolve(dist, "assets/launcher.css"));
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

function script(entry: string, name: string, file: string) {
  return { entry: resolve(here, entry), formats: ["iife" as const], name, fileName: () => file };
}

/** One static page a language; the server only puts its opening words in. */
function chatPages(core: string): void {
  const page = readFileSync(resolve(here, "src/chat/index.html"), "utf-8");
  const css = readFileSync(resolve(here, "src/chat/chat.css"));
  const style = `assets/chat-${createHash("sha256").update(css).digest("hex").slice(0, 8)}.css`;
  writeFileSync(resolve(dist, style), css);
  for (const language of ["zh-CN", "zh-TW", "en"]) {
    const words = JSON.parse(readFileSync(resolve(here, `src/i18n/${language}.json`), "utf-8")) as Record<string, string>;
    const values = { LANGUAGE: language, TITLE: words.title!, AI: words.ai!, NOSCRIPT: words.noscript!, CORE: core, STYLE: style };
    const filled = Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`%${name}%`, value), page);
    writeFileSync(resolve(dist, `chat.${language}.html`), filled);
  }
}
