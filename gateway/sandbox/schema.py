"""The tables. Times are seconds since the epoch on the virtual clock; user ids ignore case."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS fact (key TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS app (
  agent_id INTEGER PRIMARY KEY, secret TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
  customer_contact INTEGER, trusted_domain TEXT);
CREATE TABLE IF NOT EXISTS callback (
  agent_id INTEGER PRIMARY KEY, url TEXT NOT NULL, token TEXT NOT NULL, aes_key TEXT NOT NULL,
  timeout_seconds REAL NOT NULL, report_enter INTEGER NOT NULL, full_contacts INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS staff (
  userid TEXT PRIMARY KEY COLLATE NOCASE, name TEXT NOT NULL, mobile TEXT NOT NULL,
  position TEXT NOT NULL, active INTEGER NOT NULL, email TEXT NOT NULL DEFAULT '',
  status INTEGER NOT NULL DEFAULT 1, seeded_status INTEGER NOT NULL DEFAULT 1,
  main_department INTEGER NOT NULL DEFAULT 1);
-- status: 1 active, 2 disabled, 4 not activated, 5 left by himself, 0 removed by the administrator;
-- active: may he be written to (1 and 4)
CREATE TABLE IF NOT EXISTS department (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, parentid INTEGER NOT NULL, sort INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS membership (
  userid TEXT NOT NULL COLLATE NOCASE, department INTEGER NOT NULL, leads INTEGER NOT NULL,
  PRIMARY KEY (userid, department));
CREATE TABLE IF NOT EXISTS tag (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS tag_member (
  tag INTEGER NOT NULL, userid TEXT NOT NULL COLLATE NOCASE, PRIMARY KEY (tag, userid));
CREATE TABLE IF NOT EXISTS tag_party (
  tag INTEGER NOT NULL, department INTEGER NOT NULL, PRIMARY KEY (tag, department));
CREATE TABLE IF NOT EXISTS customer (external_userid TEXT PRIMARY KEY, name TEXT NOT NULL);
-- state: friend, left (the customer deleted the member), removed (the member the customer)
CREATE TABLE IF NOT EXISTS follow (
  external_userid TEXT NOT NULL, userid TEXT NOT NULL COLLATE NOCASE, state TEXT NOT NULL,
  remark TEXT NOT NULL, since INTEGER NOT NULL, PRIMARY KEY (external_userid, userid));
CREATE INDEX IF NOT EXISTS follow_member ON follow (userid);

CREATE TABLE IF NOT EXISTS token (
  token TEXT PRIMARY KEY, agent_id INTEGER, expires_at INTEGER NOT NULL);
-- what a login hands out. kind: code (one use), ticket; who is a member's or a customer's id
CREATE TABLE IF NOT EXISTS login (
  secret TEXT PRIMARY KEY, kind TEXT NOT NULL, who TEXT NOT NULL, scope TEXT NOT NULL,
  agent_id INTEGER, expires_at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS media (
  media_id TEXT PRIMARY KEY, type TEXT NOT NULL, filename TEXT NOT NULL,
  content_type TEXT NOT NULL, content BLOB NOT NULL, created_at INTEGER NOT NULL);

-- an app message as it was sent, and its copies in the members' inboxes
CREATE TABLE IF NOT EXISTS message (
  msgid TEXT PRIMARY KEY, agent_id INTEGER NOT NULL, type TEXT NOT NULL, content TEXT NOT NULL,
  fingerprint TEXT NOT NULL, task_id TEXT, response_code TEXT, sent_at INTEGER NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS message_task ON message (agent_id, task_id);
CREATE INDEX IF NOT EXISTS message_again ON message (fingerprint);
-- state: delivered, recalled, dropped (over the member's limit)
CREATE TABLE IF NOT EXISTS inbox (
  id INTEGER PRIMARY KEY, msgid TEXT NOT NULL, agent_id INTEGER NOT NULL,
  userid TEXT NOT NULL COLLATE NOCASE, state TEXT NOT NULL, at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS inbox_member ON inbox (userid, agent_id, at);
CREATE INDEX IF NOT EXISTS inbox_message ON inbox (msgid);
CREATE INDEX IF NOT EXISTS inbox_unread ON inbox (userid, id, state);
CREATE INDEX IF NOT EXISTS inbox_dropped ON inbox (userid) WHERE state = 'dropped';

-- codes with which an app may change a card it has sent, each once and for three days
CREATE TABLE IF NOT EXISTS response_code (
  code TEXT PRIMARY KEY, msgid TEXT NOT NULL, agent_id INTEGER NOT NULL, expires_at INTEGER NOT NULL);
-- how a card on one phone differs from what was sent, and what was touched on it
CREATE TABLE IF NOT EXISTS card_state (
  inbox INTEGER PRIMARY KEY, content TEXT, replaced TEXT, at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS click (
  id INTEGER PRIMARY KEY, inbox INTEGER NOT NULL, words TEXT NOT NULL, delivery INTEGER,
  at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS click_card ON click (inbox);
CREATE TABLE IF NOT EXISTS menu (agent_id INTEGER PRIMARY KEY, content TEXT NOT NULL);

-- a mass message, one task per member who must press send, one target per customer
CREATE TABLE IF NOT EXISTS mass (
  msgid TEXT PRIMARY KEY, creator TEXT NOT NULL, text TEXT NOT NULL, attachments TEXT NOT NULL,
  created_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS mass_time ON mass (created_at);
-- state: pending, sent, ignored, cancelled
CREATE TABLE IF NOT EXISTS task (
  id INTEGER PRIMARY KEY, msgid TEXT NOT NULL, userid TEXT NOT NULL COLLATE NOCASE,
  state TEXT NOT NULL, sent_at INTEGER, UNIQUE (msgid, userid));
CREATE INDEX IF NOT EXISTS task_member ON task (userid, state);
-- status: 0 not sent, 1 sent, 2 not a friend, 3 already had another mass message
CREATE TABLE IF NOT EXISTS target (
  id INTEGER PRIMARY KEY, task INTEGER NOT NULL REFERENCES task (id),
  external_userid TEXT NOT NULL, status INTEGER NOT NULL, sent_at INTEGER);
CREATE INDEX IF NOT EXISTS target_task ON target (task);
CREATE INDEX IF NOT EXISTS target_customer ON target (external_userid, sent_at);
CREATE TABLE IF NOT EXISTS reminder (msgid TEXT NOT NULL, at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS reminder_message ON reminder (msgid);

-- what stands in a customer's chat with a member: a mass message, or a grey notice
CREATE TABLE IF NOT EXISTS chat (
  id INTEGER PRIMARY KEY, external_userid TEXT NOT NULL, userid TEXT NOT NULL COLLATE NOCASE,
  msgid TEXT, notice TEXT, at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS chat_customer ON chat (external_userid, id);
CREATE TABLE IF NOT EXISTS seen (phone TEXT PRIMARY KEY, last_id INTEGER NOT NULL);
"""

ROOT = """
INSERT OR IGNORE INTO department VALUES (1, '公司', 0, 0);
INSERT OR IGNORE INTO membership SELECT userid, 1, 0 FROM staff
  WHERE userid NOT IN (SELECT userid FROM membership);
"""
"""The root department is always there, and who is nowhere else is in it."""

LATER_COLUMNS = (
    ("app", "trusted_domain", "TEXT"),
    ("staff", "email", "TEXT NOT NULL DEFAULT ''"),
    ("staff", "status", "INTEGER NOT NULL DEFAULT 1"),
    ("staff", "seeded_status", "INTEGER NOT NULL DEFAULT 1"),
    ("staff", "main_department", "INTEGER NOT NULL DEFAULT 1"),
)
"""Columns that a state folder of an earlier version lacks."""

TRAFFIC = (
    "click", "card_state", "response_code", "chat", "reminder", "target", "task", "mass",
    "inbox", "message", "media", "token", "login",
)  # fmt: skip
"""Tables a reset empties: everything but the people."""
