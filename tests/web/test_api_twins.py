"""What a page can do, the API can do: every page's address names its operation, or why it has none.

LACKING is what has none yet. It may only shrink: an address that is nowhere here fails.
"""

TWINS = {
    "accounts": {
        "ask": "api-accounts.ask", "change": "api-accounts.lock", "decide": "api-accounts.decide",
        "import_now": "api-accounts.workbook", "faults": "api-accounts.workbook", "make": "api-accounts.make",
        "one": "api-accounts.one", "overview": "api-accounts.accounts", "reassign": "api-accounts.reassign",
        "waiting": "api-account-events.waiting",
    },
    "audit": {
        "accounts": "api-audit.accounts", "cancel_verification": "api-audit.stop_verification",
        "case": "api-audit.replay", "checkpoint": "api-audit.make", "checkpoint_file": "api-audit.checkpoint",
        "reads": "api-audit.reads", "verification": "api-audit.verification_work",
        "verify": "api-audit.verification", "verify_later": "api-audit.verify_later",
    },
    "auth": {"sign_in_now": "api-sign-in.token", "second_now": "api-sign-in.token", "sign_out": "api-sign-in.revoke",
             "choose_position": "api-sign-in.token"},
    "deputies": {"end": "api-reassigning.end", "make": "api-reassigning.name",
                 "overview": "api-reassigning.deputies"},
    "demo": {"clock": "api-demo.clock", "messages": "api-demo.messages"},
    "disputes": {
        "act_now": "api-disputes.act_now", "acts": "api-disputes.acts", "add": "api-disputes.add",
        "commission": "api-disputes.commission", "end": "api-disputes.end", "hearings": "api-disputes.hearings",
        "overview": "api-disputes.disputes", "release": "api-disputes.release",
    },
    "inbox": {
        "act": "api-tasks.complete", "case": "api-cases.case", "check_drawn": "api-changes.check",
        "keep_view": "api-desk.keep_view", "notices_page": "api-desk.own_notices",
        "notices_read": "api-desk.read_notices", "open_notice": "api-desk.read_notices",
        "printed_sheet": "api-printing.printed", "printing": "api-printing.printed", "reassign": "api-reassigning.reassign",
        "remark": "api-desk.remark", "remind": "api-desk.remind", "remind_parties": "api-desk.remind_parties",
        "parcel_ground": "api-map.parcel", "several": "api-desk.several",
        "signing_code": "api-tasks.signing_code", "choose": "api-counter.choices", "counter": "api-counter.drafts", "counter_check": "api-counter.who",
        "counter_draft": "api-counter.keep", "diagram": "api-drawn.diagram", "drawing_ground": "api-drawn.drawing_ground",
        "read_file": "api-drawn.outlines", "signing": "api-drawn.signing", "receipt": "api-printing.printed",
        "export": "api-tasks.tasks",
        "objection_now": "api-objections.file", "photo_now": "api-objections.photo",
        "publicities": "api-objections.publicities", "withdrawal_now": "api-objections.withdraw",
        "withdrawal": "api-objections.withdraw", "death_now": "api-objections.representative_died",
        "error_now": "api-objections.error_found", "error": "api-objections.errors_found", "correction_declined": "api-objections.correction_declined",
        "on_map": "api-held.held", "on_map_land": "api-held.held_on_map",
        "claim": "api-tasks.claim", "draft": "api-tasks.keep_draft", "draw": "api-changes.draw",
        "paper": "api-papers.download", "release": "api-tasks.release", "start": "api-cases.start_form",
        "many": "api-many.many", "many_now": "api-many.many", "many_template": "api-many.many",
        "start_now": "api-cases.start", "task": "api-tasks.task", "tasks": "api-tasks.tasks",
    },
    "jobs": {"cancel": "api-jobs.stop_work", "overview": "api-jobs.incidents", "retry": "api-jobs.retry"},
    "map": {"case_sketch_pdf": "api-drawn.sketch_of_case", "household_sketch_pdf": "api-drawn.sketch_of_household",
            "parcel_sketch_pdf": "api-drawn.sketch_of_parcel", "marks": "api-map.marks", "printed": "api-map.parcels",
            "changes": "api-map.changes", "features": "api-map.parcels", "parcel": "api-map.parcel",
            "tile": "api-map.tile", "overview": "api-map.parcels"},
    "open": {"features": "api-open.village", "parcel": "api-open.parcel", "village": "api-open.village"},
    "own": {"account": "api-own.account", "end_sessions": "api-own.end_sessions", "password": "api-own.password",
            "recovery_codes": "api-own.recovery_codes", "second_factor": "api-own.second_factor"},
    "lookups": {"page": "api-lookups.now", "now": "api-lookups.now"},
    "packages": {
        "act": "api-packages.act", "differences": "api-packages.differences",
        "differences_file": "api-packages.differences", "export": "api-packages.export",
        "export_file": "api-packages.export_content", "findings_file": "api-packages.findings",
        "from_folder": "api-packages.bring_from_folder", "one": "api-packages.package",
        "overview": "api-packages.packages", "upload": "api-packages.bring",
    },
    "portal": {
        "answer": "api-portal.keep", "case_page": "api-portal.case", "disputes": "api-portal-acts.public_disputes",
        "board": "api-board.offers", "board_offer": "api-board.offer", "board_report_send": "api-board.report",
        "board_send": "api-board.send", "board_sent": "api-board.sent", "board_withdraw": "api-board.withdraw",
        "check": "api-portal.draft",
        "code_now": "api-sign-in.token", "compare": "api-public.verify", "drop": "api-portal.drop",
        "hand_in": "api-portal.supply", "home": "api-portal.cases", "household": "api-portal.me",
        "look_up": "api-public.lookup", "noted": "api-portal.noted", "paper": "api-portal.paper_file",
        "parts": "api-portal.draft", "question": "api-portal.draft", "send": "api-portal.submit",
        "sign_in_now": "api-portal.sign_in", "sign_out": "api-sign-in.revoke", "start": "api-portal.begin",
        "submitted": "api-portal.submission", "supply": "api-portal.draft", "verify": "api-public.verify",
        "facts": "api-portal-acts.facts_check", "facts_said": "api-portal-acts.facts_check",
        "guide": "api-portal-acts.guides", "guides": "api-portal-acts.guides", "history": "api-portal-acts.history",
        "messages": "api-portal-acts.messages", "read": "api-portal-acts.read", "notice": "api-portal-acts.notice",
        "notices": "api-portal-acts.notices", "offices": "api-portal-acts.offices", "prove_now": "api-portal-acts.prove",
        "remind": "api-portal-acts.remind", "settings": "api-portal-acts.settings", "settings_now": "api-portal-acts.choose",
        "send_code": "api-portal-signing.code", "sign_page": "api-portal-signing.asked", "sign_now": "api-portal-signing.sign",
        "sign_answer": "api-portal-signing.asked", "deal_page": "api-deals.deal", "deal_contract": "api-deals.contract",
        "deal_code": "api-deals.code", "deal_sign": "api-deals.sign", "deal_answer": "api-deals.answer", "withdraw": "api-portal-acts.withdraw",
        "withdraw_now": "api-portal-acts.withdraw", "object_now": "api-public.object_now",
        "error": "api-portal-acts.error_found", "error_now": "api-portal-acts.error_found",
        "objected": "api-public.objected", "verify_file": "api-public.verify_file",
        "my_dispute": "api-portal-disputes.dispute",
        "begin_act": "api-portal-disputes.act", "dispute_paper": "api-portal-disputes.paper_file",
    },
    "quality": {
        "cancel_run": "api-quality.stop_run", "export": "api-quality.findings", "finding": "api-quality.finding",
        "overview": "api-quality.findings", "run": "api-quality.run", "run_now": "api-quality.run_now",
        "set_settings": "api-quality.set_settings", "settings": "api-quality.settings", "settle": "api-quality.settle",
    },
    "register": {
        "numbers": "api-numbers.numbers",
        "contract": "api-register.contract", "entry": "api-register.entry", "household": "api-register.household",
        "households": "api-register.households", "parcel": "api-register.parcel", "party": "api-register.party",
        "export": "api-register.parcels_of_party",
    },
    "statistics": {
        "supervision": "api-statistics.supervised",
        "book": "api-statistics.workbook", "cancel": "api-statistics.stop", "confirm": "api-statistics.confirm",
        "enter": "api-statistics.enter", "ledger": "api-statistics.ledger", "ledgers": "api-statistics.ledgers",
        "overview": "api-statistics.figures", "summaries": "api-statistics.summaries",
        "withdraw": "api-statistics.withdraw", "work": "api-statistics.work",
        "work_file": "api-statistics.work_file", "yearly": "api-statistics.yearly",
    },
    "registry": {
        "archive": "api-archives.archive", "archive_list": "api-archives.archive_list",
        "collected": "api-archives.collected", "destroy": "api-archives.destroy",
        "feed_answer": "api-feed.answer", "feed_file": "api-feed.file", "feed_message": "api-feed.message",
        "feed_overview": "api-feed.messages", "feed_repeat": "api-feed.send_again",
        "destruction": "api-archives.destruction", "file": "api-registry.file",
        "hand_over": "api-registry.hand_over", "overview": "api-registry.hand_overs",
        "package": "api-archives.package", "put_in_order": "api-archives.put_in_order",
        "receipt": "api-registry.receipt", "receipts": "api-registry.receipt",
        "workbook": "api-registry.hand_overs",
    },
    "supervision": {
        "board": "api-board.entries", "board_enter": "api-board.enter", "board_review": "api-board.decide",
        "board_settle": "api-board.settle",
        "calendar": "api-supervision.payments", "deposits": "api-supervision.reviews", "export": "api-supervision.transfers",
        "follow_up": "api-supervision.follow_up", "inspections": "api-supervision.inspect", "move": "api-supervision.move_deposit",
        "one": "api-supervision.one", "overview": "api-supervision.transfers", "paid": "api-supervision.paid",
        "remind": "api-supervision.remind", "terms": "api-supervision.terms",
    },
    "survey": {
        "add_firm": "api-surveys.add_firm", "change_firm": "api-surveys.change_firm",
        "firm": "api-surveys.list_firms", "firm_list": "api-surveys.list_firms", "package": "api-surveys.package",
    },
    "stores": {"cancel": "api-stores.stop", "overview": "api-stores.overview", "reconcile": "api-stores.reconcile", "refresh": "api-stores.refresh",
               "work": "api-stores.work"},
    "studio": {"act": "api-drafts.act", "add_file": "api-drafts.keep", "backtest": "api-migration.backtest",
               "backtest_all": "api-migration.backtest", "backtest_found": "api-migration.backtest_work",
               "cancel_backtest": "api-migration.stop_backtest", "changes": "api-drafts.changes",
               "check": "api-drafts.check", "file": "api-drafts.file", "files": "api-drafts.draft",
               "migrate": "api-migration.migrate", "migration": "api-migration.plan", "model": "api-drafts.file",
               "model_file": "api-drafts.file", "save_model": "api-drafts.keep", "save_text": "api-drafts.keep",
               "version": "api-studio.version", "version_model": "api-studio.version_file",
               "channels": "api-channels.channels", "set_channels_now": "api-channels.change_channels",
               "try_channel_now": "api-channels.test_message",
               "printing": "api-printing.settings", "set_printing_now": "api-printing.change_settings",
               "overview": "api-studio.case_types", "versions": "api-studio.case_type_versions"},
}  # fmt: skip

PIECES = (
    "in pieces, for telephones whose connection breaks off; programs send a file whole (api-portal.upload)"
)
NONE = {
    "auth.recover_page": "an empty form",
    "auth.recover_now": "whoever has lost the second factor comes in at a screen",
    "deputies.new": "an empty form",
    "outside.start": "sends the browser to the outside identity provider",
    "outside.back": "where the browser comes back from it",
    "own.keys": "which keys the pages of one's browser take",
    "accounts.ask_page": "an empty form",
    "accounts.new": "an empty form",
    "accounts.import_page": "an empty form",
    "accounts.template": "an empty workbook for people; programs send JSON",
    "accounts.codes": "the page before as a workbook: nothing that is kept",
    "audit.overview": "a door to the pages below it",
    "auth.home": "goes to one's own first page",
    "auth.sign_in_page": "an empty form",
    "auth.second_page": "an empty form",
    "healthz": "for the machine's watch, no page",
    "open.overview": "an empty form",
    "own.activate_page": "an empty form",
    "own.activate_now": "a person chooses a password at a screen",
    "packages.sample": "a file of the demonstration",
    "portal.board_new": "an empty form",
    "portal.board_report": "an empty form",
    "portal.policy": "advice in words, the same for everybody",
    "portal.code_page": "an empty form",
    "portal.sign_in_page": "an empty form",
    "portal.sign_in_wait": "waits for the message that carries the code",
    "portal.lookup": "an empty form",
    "portal.verify_any": "an empty form",
    "portal.begin_upload": PIECES,
    "portal.how_far": PIECES,
    "portal.send_on": PIECES,
    "portal.drop_upload": PIECES,
    "portal.objection": "an empty form",
    "survey.new_firm": "an empty form",
    "static": "the pages' own pictures and scripts",
}

LACKING: set[str] = set()


def pages(web) -> set[str]:
    return {rule.endpoint for rule in web.url_map.iter_rules() if not rule.rule.startswith("/api/")}


def named() -> dict[str, str]:
    return {f"{side}.{name}": twin for side, twins in TWINS.items() for name, twin in twins.items()}


def test_every_page_names_its_operation_or_why_it_has_none(web):
    known = {*named(), *NONE, *LACKING}
    assert sorted(pages(web) - known) == []
    assert sorted(known - pages(web)) == []


def test_nothing_is_said_twice():
    assert not named().keys() & NONE.keys()
    assert not (named().keys() | NONE.keys()) & LACKING


def test_the_operations_that_are_named_are_there(web):
    there = {rule.endpoint for rule in web.url_map.iter_rules() if rule.rule.startswith("/api/")}
    assert sorted(set(named().values()) - there) == []
