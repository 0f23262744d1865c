// How the conversation looks, and the borrower's own copy of it.

import { useState } from "preact/hooks";
import type { Key } from "../i18n";
import { useChat } from "./context";

export function Settings() {
  const chat = useChat();
  const { t } = chat;
  const [words, setWords] = useState<Key | null>(null);
  const save = async (format: "html" | "txt") => setWords((await chat.export(format)) ? "export.done" : "export.failed");
  return (
    <div class="settings" id="daihou-settings" role="group" aria-label={t("settings")}>
      <div class="looks">
        <Switch words={t("large")} on={chat.large.value} change={(on) => chat.setLarge(on)} />
        <Switch words={t("contrast")} on={chat.contrast.value} change={(on) => chat.setContrast(on)} />
      </div>
      <p id="daihou-export">{t("export")}</p>
      <div class="looks" role="group" aria-labelledby="daihou-export">
        <button type="button" onClick={() => void save("html")}>
          {t("export.html")}
        </button>
        <button type="button" onClick={() => void save("txt")}>
          {t("export.txt")}
        </button>
      </div>
      <p role="status" class={words === "export.failed" ? "bad" : ""}>
        {words && t(words)}
      </p>
    </div>
  );
}

function Switch({ words, on, change }: { words: string; on: boolean; change: (on: boolean) => void }) {
  return (
    <button type="button" role="switch" aria-checked={on} onClick={() => change(!on)}>
      {words}
    </button>
  );
}
