from pathlib import Path

from tests.usecases.acting import played

OUT = Path("/tmp/pics")
OUT.mkdir(exist_ok=True)


def test_pics(site, visit):
    for n in range(5):
        played(site.app, "hand_out_certificate")
    played(site.app, "contract_publicity")
    played(site.app, "township_review")
    played(site.app, "village_check")
    site.pump()
    page = visit.staff("county")
    v = visit.staff("village1")
    t = visit.staff("township1")
    print("CLOCK", site.app.clock.now())
    shots = [
        (page, "/statistics", "overview"),
        (page, "/statistics?division=990101100", "overview_town"),
        (page, "/statistics/supervision", "supervision"),
        (page, "/statistics/ledgers/contracts", "contracts"),
        (page, "/statistics/ledgers/changes?since=2026-01-01", "changes"),
        (page, "/statistics/ledgers/ending?year=2026", "ending"),
        (page, "/statistics/summaries", "summaries"),
        (page, "/statistics/yearly?year=2025", "yearly"),
        (v, "/statistics/yearly?year=2025", "yearly_village"),
        (v, "/statistics", "overview_village"),
    ]
    for p, path, name in shots:
        for lang in ("zh", "en"):
            for w in (1280, 360):
                if lang == "en" and w == 1280 and name in ("summaries",):
                    continue
                p.set_viewport_size({"width": w, "height": 800})
                p.goto(path + ("&" if "?" in path else "?") + f"lang={lang}")
                p.screenshot(path=str(OUT / f"{name}_{lang}_{w}.png"), full_page=True)
