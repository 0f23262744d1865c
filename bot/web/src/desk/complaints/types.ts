// What the complaint routes give (docs/complaints.md, "API and data").

export interface Row {
  ref: string;
  version: number;
  state: string;
  urgency: string;
  l1: string;
  l2: string;
  confidence: number | null;
  flags: string[];
  complainant: string;
  customer: string;
  product: string | null;
  channel: string;
  handler: string | null;
  handler_name: string | null;
  escalated: number;
  received_at: string;
  target_by: string;
  legal_by: string;
  told_by: string;
  contact_by: string;
  contacted_at: string | null;
  next_by: string | null;
  next: string | null;
  used: number;
  late: boolean;
  paused: boolean;
  contacts: number;
  merged_into: string | null;
  reopened: number;
}

export interface BoardPage {
  total: number;
  page: number;
  pages: number;
  counts: { state: Record<string, number>; level: Record<string, number>; late: number; soon: number; unassigned: number };
  complaints: Row[];
}

export interface Names {
  zh: string;
  en: string;
}
export interface Catalogue {
  states: string[];
  l1: Record<string, Names & { l2: Record<string, Names> }>;
  urgency: string[];
  remedies: string[];
  root_causes: string[];
  preventability: string[];
  merit: string[];
  evidence: string[];
  owners: string[];
  languages: string[];
  channels: string[];
  staff: { staff_id: string; name: string; role: string }[];
}

export type Record_ = Record<string, unknown>;
export interface File {
  case: Row & Record_ & { words: string; demand: string | null; customer_id: string | null; person?: { name?: string; phone?: string; email?: string } };
  readings: Record_[];
  contacts: Record_[];
  events: Record_[];
  evidence: (Record_ & { evidence_id: string; kind: string; label: string })[];
  remedies: (Record_ & { remedy_id: string; kind: string; status: string; cents: number | null; words: string; needs: string })[];
  letters: { letter_id: string; version: number; language: string; faults: Fault[]; by: string; at: string; sha256: string }[];
  actions: (Record_ & { action_id: string; words: string; owner: string; due_on: string; done_at: string | null; effective: boolean | null })[];
  merged: string[];
  survey: Record_ | null;
  may: string[];
}

export interface Fault {
  rule: string;
  where: string;
  words: string;
}
