import { useState } from "preact/hooks";
import { LANGUAGES } from "../i18n";
import { useChat } from "./context";
import { Icon } from "./Icon";
import { Settings } from "./Settings";
import { withPerson } from "./when";

/** Who speaks, how well the borrower is known, and the way to a person: always in sight. */
export function Header({ onClose }: { onClose: (() => void) | null }) {
  const chat = useChat();
  const { t } = chat;
  const { level, customer, entries } = chat.view.value;
  const known = t(level >= 2 ? "level.2" : level === 1 ? "level.1" : "level.0");
  const [more, setMore] = useState(false);
  const language = LANGUAGES.find((one) => one.id === chat.language.value);
  return (
    <>
    <header>
      <div class="who">
        <h2 id="daihou-title">{chat.title.value}</h2>
        <p>
          <span class="ai">{t(withPerson(entries) ? "agent.badge" : "ai")}</span>
          <span class={`level level-${level}`}>{customer ? `${customer} · ${known}` : known}</span>
        </p>
      </div>
      <button type="button" class="person" aria-label={t("human.label")} onClick={() => chat.say(t("human.say"))}>
        <Icon name="person" />
        {t("human")}
      </button>
      <label class="language">
        <span aria-hidden="true">{language?.short}</span>
        <select aria-label={t("language")} value={chat.language.value} onChange={(event) => chat.speak(event.currentTarget.value)}>
          {LANGUAGES.map(({ id, name }) => (
            <option key={id} value={id} lang={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <button type="button" class="more" aria-label={t("settings")} aria-expanded={more} aria-controls={more ? "daihou-settings" : undefined} onClick={() => setMore(!more)}>
        <Icon name="type" />
      </button>
      {onClose && (
        <button type="button" class="close" aria-label={t("close")} onClick={onClose}>
          <Icon name="close" />
        </button>
      )}
    </header>
    {more && <Settings />}
    </>
  );
}
