"""Write tests/golden/scores.json: scores of eight texts by each shipped detector. Run it after training them.

python tests/make_golden.py
"""

from __future__ import annotations

import json
from pathlib import Path

from provenance.models import list_detectors, load_detector

GOLDEN = Path(__file__).parent / "golden" / "scores.json"
KEPT = ("n_words", "score", "probability", "p_value", "verdict", "reason", "family")

TEXTS = (
    "The bus was late again so we walked. It rained, of course, and by the time we got to the hall our shoes were "
    "full of "
    "water and Tom had lost his hat. Nobody else had come. We sat in the front row and ate the sandwiches that were "
    "meant "
    "for the interval, and then the pianist turned up, looked at us, shrugged, and played for an hour anyway.",
    "Effective time management is essential for achieving success in both personal and professional settings. By "
    "prioritising tasks, setting clear goals, and minimising distractions, individuals can enhance their "
    "productivity and "
    "reduce stress. Moreover, adopting a structured approach allows for greater flexibility, ultimately fostering a "
    "healthier balance between work and life.",
    "I dont think the author is right about school uniforms. in my school we had them and people still got bullied, "
    "just "
    "for there shoes instead. My mum said it was cheaper but then you had to buy the one with the badge and that "
    "was forty "
    "pounds!! So for me the answer is no, let kids wear what they want, they will find something to fight about "
    "anyway.",
    "**Key benefits of regular exercise**\n\n1. **Improved mood:** Physical activity releases endorphins, which can "
    "help "
    "reduce anxiety.\n2. **Better sleep:** Moving your body during the day supports deeper rest at night.\n3. "
    "**Stronger "
    "bones:** Weight-bearing exercise helps maintain bone density.\n\nWould you like me to suggest a simple weekly "
    "plan "
    "that fits into your routine?",
    "We report the results of two field trials on drainage in clay soils. Plots with deep channels dried 3.2 days "
    "sooner "
    "than plots without (n = 24), but the effect vanished in the second, wetter year. We cannot tell whether this "
    "was due "
    "to the rain or to the settling of the channels, and we advise against reading much into either season alone.",
    "Elara stood at the edge of the silver lake, her heart heavy with the weight of unspoken words. The moonlight "
    "danced "
    "upon the water, weaving a tapestry of light and shadow. In that quiet moment, she understood that courage was "
    "not the "
    "absence of fear, but the choice to step forward despite it. With a trembling breath, she began to walk.",
    "Thanks for the parts, they came on Tuesday. One bolt is too short.",
    "Der Zug hielt auf freier Strecke, und niemand wusste, warum. Ein Kind weinte, eine Frau las weiter in ihrem "
    "Buch, und "
    "drau\u00dfen stand ein Reh am Rand des Feldes und sah zu uns her\u00fcber. Nach einer halben Stunde fuhren wir "
    "weiter, ganz "
    "langsam zuerst, als h\u00e4tte der Zug Angst, das Tier zu st\u00f6ren, und dann immer schneller bis in die "
    "Stadt.",
)


def main() -> None:
    scores = {}
    for info in list_detectors():
        found = [score.to_dict() for score in load_detector(info.name).score(TEXTS)]
        scores[f"{info.name}@{info.version}"] = [{key: record[key] for key in KEPT} for record in found]
    GOLDEN.parent.mkdir(exist_ok=True)
    GOLDEN.write_text(json.dumps({"texts": TEXTS, "scores": scores}, indent=1, ensure_ascii=True) + "\n", "utf-8")
    print(f"{GOLDEN.name}: {len(TEXTS)} texts, {', '.join(scores) or 'no detector ships yet'}")


if __name__ == "__main__":
    main()
