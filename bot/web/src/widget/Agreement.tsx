// Options side by side, and the disclosure that is read before consent. The server enforces the time to read as well.

import { useEffect, useState } from "preact/hooks";
import type { CompareCard, ConsentCard } from "../core/protocol";
import { useChat } from "./context";

const SHOWN = 4; // payments of a disclosure before "show all"

export function Compare({ card, active }: { card: CompareCard; active: boolean }) {
  const chat = useChat();
  return (
    <div class="card compare">
      {card.title && <p class="card-title">{card.title}</p>}
      <div class="options">
        {card.options.map((option, index) => (
          <section key={index} class="option" aria-label={option.title}>
            <h3>{option.title}</h3>
            {option.badge && <p class="badge">{option.badge}</p>}
            <Facts rows={option.rows} />
            {option.note && <p class="card-note">{option.note}</p>}
            <button type="button" class="primary" disabled={!active} onClick={() => chat.choose(option.say)}>
              {option.choose}
            </button>
          </section>
        ))}
      </div>
      <button type="button" class="plain" disabled={!active} onClick={() => chat.choose(card.others.say)}>
        {card.others.title}
      </button>
    </div>
  );
}

export function Consent({ card, active }: { card: ConsentCard; active: boolean }) {
  const chat = useChat();
  const [left, setLeft] = useState(card.wait);
  const [all, setAll] = useState(false);
  useEffect(() => {
    if (!active || left <= 0) return;
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [active, left]);
  const folds = card.table.length > SHOWN + 1;
  const rows = folds && !all ? card.table.slice(0, SHOWN) : card.table;
  return (
    <div class="card consent">
      <p class="card-title">{card.title}</p>
      <Facts rows={card.rows} />
      <table aria-label={card.columns.join(" ")}>
        <thead>
          <tr>
            {card.columns.map((name, index) => (
              <th key={index} scope="col" class={index === card.columns.length - 1 ? "number" : "words"}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {row.map((value, column) => (
                <td key={column} class={column === row.length - 1 ? "number" : "words"}>
                  {value}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {folds && (
        <button type="button" class="fold" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? chat.t("table.less") : chat.t("table.all", { n: card.table.length })}
        </button>
      )}
      {card.notes.map((note, index) => (
        <p key={index} class="card-note">
          {note}
        </p>
      ))}
      <div class="decide">
        <button
          type="button"
          class="primary"
          disabled={!active || left > 0}
          onClick={() => chat.choose(card.say_agree)}
        >
          {card.agree}
          {active && left > 0 && <span aria-hidden="true"> ({left})</span>}
        </button>
        <button type="button" class="plain" disabled={!active} onClick={() => chat.choose(card.say_decline)}>
          {card.decline}
        </button>
      </div>
      <p class="sr-only" role="status">
        {active && left > 0 ? chat.t("consent.wait", { n: card.wait }) : ""}
      </p>
    </div>
  );
}

function Facts({ rows }: { rows: string[][] }) {
  return (
    <dl class="facts stacked">
      {rows.map(([label, value], index) => (
        <div key={index}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
