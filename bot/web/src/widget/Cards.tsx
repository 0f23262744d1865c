// Facts, tables and choices that come with a message. Everything is a text node.

import { useState } from "preact/hooks";
import type { Card, ChoicesCard, DocumentCard, FactsCard, TableCard } from "../core/protocol";
import { Compare, Consent } from "./Agreement";
import { useChat } from "./context";
import { Icon } from "./Icon";
import { Survey } from "./Survey";
import { Upload } from "./Upload";

const SHOWN = 6; // rows of a table before "show all"
const WIDE = 4; // a table with more columns becomes blocks on a phone
const NUMBER = /^[-+]?[¥$]?[\d,]+(\.\d+)?%?$/;

export function CardView({ card, active }: { card: Card; active: boolean }) {
  if (card.kind === "facts") return <Facts card={card} />;
  if (card.kind === "table") return <Table card={card} />;
  if (card.kind === "choices") return <Choices card={card} active={active} />;
  if (card.kind === "compare") return <Compare card={card} active={active} />;
  if (card.kind === "consent") return <Consent card={card} active={active} />;
  if (card.kind === "document") return <Document card={card} />;
  if (card.kind === "upload") return <Upload card={card} />;
  if (card.kind === "survey") return <Survey card={card} active={active} />;
  return null; // a kind that this version does not know: the text beside it says the same
}

function Facts({ card }: { card: FactsCard }) {
  return (
    <div class="card">
      {card.title && <p class="card-title">{card.title}</p>}
      <dl class="facts">
        {card.rows.map(([label, value], index) => (
          <div key={index}>
            <dt>{label}</dt>
            <dd class={kind(value)}>{value}</dd>
          </div>
        ))}
      </dl>
      {card.note && <p class="card-note">{card.note}</p>}
    </div>
  );
}

function Table({ card }: { card: TableCard }) {
  const { t } = useChat();
  const [all, setAll] = useState(false);
  const folds = card.rows.length > SHOWN + 2;
  const rows = folds && !all ? card.rows.slice(0, SHOWN) : card.rows;
  const wide = card.columns.length > WIDE;
  // Roles are spelt out because the blocks of a wide table on a phone take the browser's own table roles away.
  return (
    <div class={wide ? "card wide" : "card"}>
      {card.title && <p class="card-title">{card.title}</p>}
      <table role="table" aria-label={card.title || card.columns.join(" ")}>
        <thead role="rowgroup">
          <tr role="row">
            {card.columns.map((name, index) => (
              <th key={index} role="columnheader" scope="col" class={kind(card.rows[0]?.[index])}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row, index) => (
            <tr key={index} role="row">
              {row.map((value, column) => (
                <td key={column} role="cell" class={kind(value)} data-name={card.columns[column]}>
                  {value}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {folds && (
        <button type="button" class="fold" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? t("table.less") : t("table.all", { n: card.rows.length })}
        </button>
      )}
      {card.note && <p class="card-note">{card.note}</p>}
    </div>
  );
}

function Choices({ card, active }: { card: ChoicesCard; active: boolean }) {
  const chat = useChat();
  return (
    <div class="card choices">
      {card.title && <p class="card-title">{card.title}</p>}
      {card.options.map((option, index) => (
        <button key={index} type="button" class="choice" disabled={!active} onClick={() => chat.choose(option.say)}>
          <span>
            <strong>{option.title}</strong>
            {option.lines.map((line, number) => (
              <small key={number}>{line}</small>
            ))}
          </span>
          {active && <Icon name="send" />}
        </button>
      ))}
    </div>
  );
}

function Document({ card }: { card: DocumentCard }) {
  const chat = useChat();
  return (
    <div class="card document">
      <p class="card-title">{card.title}</p>
      {card.lines.map((line, index) => (
        <p key={index} class="card-note">
          {line}
        </p>
      ))}
      <p class="links">
        {card.links
          .filter((link) => link.href.startsWith("/documents/"))
          .map((link) => (
            <a key={link.href} href={chat.address(link.href)} target="_blank" rel="noopener noreferrer">
              {link.title}
            </a>
          ))}
      </p>
    </div>
  );
}

export function kind(value: string | undefined): string {
  return value !== undefined && NUMBER.test(value) ? "number" : "words";
}
