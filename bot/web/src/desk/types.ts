// What the desk's API gives; docs/desk.md says what each field means.

import type { Card } from "../core/protocol";

export interface Me {
  staff_id: string;
  role: string;
  name: string;
  csrf: string;
  queues: string[];
}

export interface Item {
  conversation_id: string;
  ref: string;
  name: string | null;
  reason: string;
  queue: string;
  priority: number;
  status: string;
  channel: string;
  agent: string | null;
  since: string;
  taken: string | null;
  outcome: string | null;
  last: { from: string; text: string; seq: number } | null;
  owes: boolean;
}

export interface Callback {
  callback_id: string;
  ref: string;
  conversation_id: string;
  name: string | null;
  from: string;
  until: string;
  attempt: number;
}

export interface Colleague {
  staff_id: string;
  name: string;
  status: string;
  skills: string[];
}

export interface Inbox {
  now: string;
  status: string;
  mine: Item[];
  others: Item[];
  waiting: Item[];
  messages: Item[];
  callbacks: Callback[];
  closed: Item[];
  staff: Colleague[];
}

export interface Said {
  seq: number;
  from: "borrower" | "bot" | "agent" | "system";
  by: string;
  channel: string;
  text: string;
  card: Card | null;
  response: string;
  at: string;
  client_msg_id: string | null;
}

export interface Note {
  note_id: string;
  by: string;
  kind: "note" | "whisper" | "transfer";
  text: string;
  seq: number;
  at: string;
}

export interface Line {
  key: string;
  text: string;
  seq: number | null;
}

export interface Talk {
  conversation_id: string;
  owner: "bot" | "waiting" | "agent";
  agent: string | null;
  epoch: number;
  customer_id: string | null;
  name: string | null;
  handover: { ref: string; reason: string; queue: string; status: string } | null;
  messages: Said[];
  notes: Note[];
  file: Line[];
  draft: string;
}

export interface Suggestion {
  text: string;
  why: { source: string; name: string };
}

export interface Canned {
  key: string;
  title: string;
  text: string;
}

export interface LoanView {
  loan_id: string;
  product: string;
  settled: boolean;
  principal_left: number;
  overdue: { total: number; penalty: number; compound: number };
  days_overdue: number;
  due: [string, number] | null;
  ledger: number;
  schedule: [number, string, number, boolean][];
  payments: [string, number][];
}

export interface Customer {
  customer_id: string;
  name: string;
  phone: string | null;
  id_number: string;
  loans: LoanView[];
  consents: Record<string, string | null>;
  [list: string]: unknown;
}

export interface WhatIf {
  authority: string;
  ledger: number;
  figures: {
    before: { total: number; plan: [string, number][] };
    after: { total: number; usual: number; first: [string, number] | null; waived: number };
  };
}
