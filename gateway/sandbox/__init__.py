"""A local WeCom: the same HTTP as the real one, with phones one can look at.

    python -m gateway.sandbox --port 8602 --state DIR [--corp-id ww...]

It listens on 127.0.0.1 only, refuses to start when WUYE_ENVIRONMENT=production, and imports
nothing of ours: the product reaches it as it reaches WeCom, by a base URL. All people, messages
and mass-message tasks live in one SQLite file under the state folder and survive a kill -9.
Faults, the log of calls and the log of deliveries live in memory. Kinds of addresses:

`/cgi-bin/...`   what WeCom offers. HTTP 200 also for refusals, the verdict is `errcode`. Served:
    gettoken, message/send|recall|update_template_card, menu/create|get|delete, media/upload, media/get,
    department/simplelist|list|get, user/simplelist|list|list_id|get|getuserid, tag/list|get,
    auth/getuserinfo, user/getuserinfo, auth/getuserdetail,
    externalcontact/get, externalcontact/add_msg_template, get_groupmsg_task,
    get_groupmsg_send_result, get_groupmsg_list_v2, remind_groupmsg_send, cancel_groupmsg_send.
`/`, `/phone/{id}`   the phones, for people.
`/contacts`, `/callbacks`   the operator's desk: who joins, moves, leaves and carries a tag; where
    callbacks go, whether that works, tricks, and the log of deliveries. Faults, clock and limits
    are beside the phones on `/`.
`/connect/oauth2/authorize`   login inside WeCom, in the place of open.weixin.qq.com: asks "您是谁？"
    of members and customers, or knows from the phone whose link was touched (`login` says how).
`/wwlogin/sso/login`, `/wwopen/sso/qrConnect`   login on a computer, in the place of
    login.work.weixin.qq.com: asks which member scans. Both check appid, agentid, redirect_uri
    (against `trusted_domain`, if seeded), scope and state; POST the same address with the form
    who=<id> or refuse=1 answers, and redirects (302) back with code and state, or state alone.
`/_sandbox/...`   the same and more, for programs. JSON in and out; a refusal is HTTP 404, 409
    or 422 with `{"error": "<Chinese sentence>"}`.

POST /_sandbox/seed - who exists. Every key is optional; what is named is added or updated,
nothing is removed, messages stay, a broken friendship stays broken. Safe at every start.
    {"corp_id": "ww1", "corp_name": "安居物业",
     "apps": [{"agent_id": 1000002, "secret": "s", "name": "物业助手", "customer_contact": true,
               "trusted_domain": "host[:port]"}],
     "contact_secret": "c", "sync_secret": "d",
     "departments": [{"id": 2, "name": "客服部", "parentid": 1, "order": 100}],
     "staff": [{"userid": "lisi", "name": "李四", "mobile": "", "position": "客服", "email": "",
                "active": true, "status": 1, "departments": [2], "leads": [2],
                "main_department": 2}],
     "tags": [{"tagid": 5, "name": "值班", "members": ["lisi"], "departments": [2]}],
     "customers": [{"external_userid": "wm1", "name": "王五", "followers": ["lisi"],
                    "remark": "5-1-101 王*"}]}
    `customer_contact`: may the app's secret call externalcontact/*. Left out, it may as long as
    no contact_secret was ever seeded. `sync_secret` is the contacts' own (通讯录同步): once there is
    one, user/list_id is for it alone (48009). Department 1 is the company; who is put nowhere is in
    it; `leads` are the departments one leads. `status`: 1 active, 2 disabled, 4 not activated,
    5 left; `active` false is short for 5. What a member's entry leaves out keeps its value, so a
    leaver stays gone until a seed speaks of his status. Answer: {"apps", "staff", "customers", "friendships"},
    the totals after seeding.

POST /_sandbox/login/code   {"who": userid or external_userid, "agent_id": n, "scope":
    "snsapi_base"|"snsapi_privateinfo"}: {"code"}, what the page would have sent back
GET|POST /_sandbox/contacts   what an administrator does; POST {"departments", "staff", "tags" (as
    in the seed), "remove": {"staff": [ids], "departments": [ids], "tags": [ids]}, "silent": false}
    answers {"events": ["create_user", "update_party", ...]}: the change_contact events of what has
    really changed, sent to every app with a callback unless `silent`. A removed member is unknown
    (60111), his phone stays; written again he is back. GET answers {"departments": [{"id", "name",
    "parentid", "order"}], "staff": [as user/get, with mobile and email], "tags": [{"tagid",
    "name", "users", "parties"}]}.
GET  /_sandbox/health      {"ok": true}
GET  /_sandbox/phones      {"staff": [{"id", "name", "unread", "to_press"}],
                            "customers": [{"id", "name", "unread"}]}
GET  /_sandbox/phones/{id}/messages[?dropped=true]      oldest first
    {"id", "kind": "staff"|"customer", "name", "messages": [...], "tasks": [...]}
    staff message:    {"id", "msgid", "at", "type", "content", "links", "app": {"agent_id",
                       "name"}, "state": "delivered"|"recalled"|"dropped"}
    customer message: {"id", "msgid", "at", "type": "mass"|"notice", "text", "attachments",
                       "links", "from": {"userid", "name"}}
    task (staff only, what waits to be pressed and what was): {"msgid", "state": "pending"|
     "sent"|"ignored"|"cancelled", "created_at", "sent_at", "text", "attachments", "reminders",
     "recipients": [{"external_userid", "name", "status"}]}
    a staff message of type template_card also has "card": {"replaced": words in place of the buttons
     or null, "changed_at", "clicks": [{"at", "words", "delivery"}]}, and its `content` is the card
     as it stands now, after update_template_card or a passive reply
    `links` are the http(s) addresses of the message in reading order; times are ISO with +08:00.
POST /_sandbox/phones/{id}/messages/{message id}/click   {"key": button key, "selected": {question
    key: [option ids]}}: the member presses a button of a card; {"response_code", "delivery": as
    below, or null without a callback}, once the delivery has ended. A card of which the buttons are
    gone answers 409.
POST /_sandbox/phones/{id}/menu   {"agent_id", "key"} or {"agent_id", "url"}: a click or view button
    of the app's menu; {"delivery"}
POST /_sandbox/staff/{userid}/press    {"all": true} or {"msgid": "..."}: the member presses send
    {"tasks", "sent", "not_friend", "limited"}: pressed tasks, and customers by outcome
POST /_sandbox/staff/{userid}/ignore   the same body; {"tasks"}
POST /_sandbox/customers/{id}/unfriend [{"userid", "by": "customer"|"staff"}]: the owner deletes
    the member (mass messages end with status 2), or the member the owner (84061)
POST /_sandbox/customers/{id}/refriend [{"userid"}]
GET|POST /_sandbox/clock   POST one of {"advance_seconds": n}, {"offset_seconds": n},
    {"at": "2026-12-01T09:00:00+08:00"}; answers {"now", "epoch", "offset_seconds"}. Token life,
    day and month limits, recall and media life all run on this clock.
GET|POST|DELETE /_sandbox/callback   where an app hears of events. POST {"agent_id", "url", "token",
    "aes_key" (43 characters), "timeout_seconds": 5, "report_enter": false, "full_contacts": false};
    agent_id may be left out while there is one app. `report_enter`: opening a phone sends
    enter_agent; `full_contacts`: change_contact carries names and statuses and not ids only. The
    seed sets the same as "callback" of an app. GET answers {"callbacks": [...]} without secrets,
    DELETE [?agent_id=] {"removed"}. What happens on phones and in contacts is sent there by itself:
    template_card_event, click, view, enter_agent, change_contact, change_external_contact.
POST /_sandbox/callback/verify   {"agent_id"}: the GET with echostr; {"ok", "http_status", "seconds",
    "answer", "reason"}
POST /_sandbox/callback/send   {"agent_id", "events": [{"Event": "enter_agent", "FromUserName":
    "lisi", any field; dicts nest, lists repeat}], "trick": null, "wait": true}: any event, or with
    a trick: forged, unsigned, wrong_key, wrong_corp, replayed, stale, duplicated, out_of_order,
    huge, entity_bomb, inner_bomb, malformed. Answers {"deliveries": [...]} as below, once they have
    ended (at once, with "wait": false).
GET|DELETE /_sandbox/deliveries   {"deliveries": [{"id", "agent_id", "event", "change_type",
    "message", "trick", "at", "state": "waiting"|"answered"|"refused"|"unanswered", "attempts":
    [{"http_status", "answer", "error", "seconds"}], "reply"}]}, oldest first. No answer within
    timeout_seconds means again, three times in all; any answer ends it, one that is no 2xx as
    "refused". `reply` is an encrypted passive reply, opened.
GET|POST|DELETE /_sandbox/faults   POST a list, appended to the script and consumed in order:
    [{"path": "message/send", "times": 1, "skip": 0, and an effect}]. The effects: "errcode"
    (with "errmsg"), "http_status", "delay_seconds" (before handling; may go with another),
    "accept_then_timeout": true (handled, the answer never comes), "partial_invalid": [ids]
    (refused although they exist). "path" "*" means every call; "skip" lets n calls pass first.
    GET answers {"remaining": [...]}.
GET|DELETE /_sandbox/calls   {"total", "counts": {path: n}, "errcodes": {path: {code: n}},
    "last": [{"at", "path", "query", "body", "http_status", "errcode", "fault"}]}; no secrets
GET|POST /_sandbox/limits  {"member_per_minute": 30, "member_per_hour": 1000,
    "mass_per_day": 1, "mass_per_month": 4}; POST changes the named ones
POST /_sandbox/tokens/revoke   every access_token dies early (40014)
POST /_sandbox/reset       back to the day of the seed: people stay; messages, tasks, media, tokens,
    faults, calls, changed limits, broken friendships, changed statuses and the clock's offset go
"""
