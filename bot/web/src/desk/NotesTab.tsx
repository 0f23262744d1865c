import { useDesk } from "./context";
import { t } from "./words";

export function NotesTab() {
  const desk = useDesk();
  const talk = desk.talk.value;
  if (!talk) return null;
  const leads = ["lead", "supervisor"].includes(desk.me.value?.role ?? "");
  const add = async (form: HTMLFormElement, kind: string) => {
    const field = form.elements.namedItem("text") as HTMLTextAreaElement;
    if (await desk.try(() => desk.api.post(`${desk.at(talk.conversation_id)}/notes`, { text: field.value, kind }))) form.reset();
  };
  return (
    <>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          const whisper = (event.submitter as HTMLButtonElement | null)?.value === "whisper";
          void add(event.currentTarget, whisper ? "whisper" : "note");
        }}
      >
        <textarea id="note" name="text" rows={4} required maxLength={2000} aria-label={t("note")} placeholder={t("note")} />
        <span class="acts">
          <button type="submit" class="primary" value="note">{t("note.add")}</button>
          {leads && !desk.mine && <button type="submit" value="whisper">{t("note.whisper")}</button>}
        </span>
      </form>
      <ul class="records">
        {[...talk.notes].reverse().map((one) => (
          <li key={one.note_id}>
            <small>
              {t(`note.kind.${one.kind}`)} · {one.by}
            </small>
            <p>{one.text}</p>
          </li>
        ))}
      </ul>
    </>
  );
}
