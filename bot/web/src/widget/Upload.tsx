// A document for a request: chosen or photographed, sent at once, and what became of it said here.

import { useState } from "preact/hooks";
import type { UploadCard } from "../core/protocol";
import type { Key } from "../i18n";
import { useChat } from "./context";

const LARGEST = 10 * 1024 * 1024;
const SAID: Record<string, Key> = {
  empty: "upload.empty",
  too_large: "upload.large",
  document_kind: "upload.kind",
  document_broken: "upload.broken",
  document_active: "upload.active",
  too_many: "upload.many",
  not_proven: "upload.verify",
};

export function Upload({ card }: { card: UploadCard }) {
  const chat = useChat();
  const [state, setState] = useState<{ words: string; busy: boolean; bad: boolean }>({ words: "", busy: false, bad: false });
  const add = async (input: HTMLInputElement) => {
    const file = input.files?.[0];
    input.value = "";
    if (!file) return;
    const code = file.size > LARGEST ? "too_large" : file.size === 0 ? "empty" : await send(file);
    if (code === null) setState({ words: chat.t("upload.done", { name: file.name }), busy: false, bad: false });
    else setState({ words: chat.t(SAID[code] ?? "upload.failed"), busy: false, bad: true });
  };
  const send = (file: File) => {
    setState({ words: chat.t("upload.busy"), busy: true, bad: false });
    return chat.upload(card.ref, file);
  };
  return (
    <div class="card upload">
      <p class="card-title">{card.title}</p>
      <p class="card-note">{card.note}</p>
      <label class={state.busy ? "plain pick busy" : "plain pick"}>
        {card.button}
        <input
          type="file"
          accept="application/pdf,image/jpeg,image/png"
          disabled={state.busy}
          onChange={(event) => void add(event.currentTarget)}
        />
      </label>
      <p role="status" class={state.bad ? "card-note bad" : "card-note"}>
        {state.words}
      </p>
    </div>
  );
}
