"""Evaluations, their logger, and leaderboards."""

import asyncio
import sys

import weave
from watch import Tour
from weave.flow import leaderboard
from weave.trace.weave_client import get_ref

PROJECT = sys.argv[1]
client = weave.init(PROJECT)
tour = Tour()
ROWS = [{"n": n, "expected": n + 1} for n in range(4)]


@weave.op
def right(expected: int, output: int) -> dict:
    return {"right": expected == output}


class Distance(weave.Scorer):
    limit: float = 10.0

    @weave.op
    def score(self, output: int, expected: int) -> float:
        return abs(expected - output) / self.limit

    def summarize(self, score_rows: list) -> dict:
        return {"worst": max(score for score in score_rows if isinstance(score, float))}


class Plus(weave.Model):
    step: int

    @weave.op
    def predict(self, n: int) -> int:
        return n + self.step


@weave.op
def always_one(n: int) -> int:
    if n == 3:
        raise ValueError("not three")
    return 1


evaluation = weave.Evaluation(name="adding", dataset=ROWS, scorers=[right, Distance()], trials=2)

with tour:

    @tour.step
    def evaluations():
        summaries = [
            asyncio.run(evaluation.evaluate(model))
            for model in (Plus(step=1), Plus(step=2), always_one)
        ]
        client.flush()
        calls = list(evaluation.get_evaluate_calls())
        scores = evaluation.get_scores()
        score_calls = evaluation.get_score_calls()
        first = calls[0]
        rows = [c for c in first.children() if c.func_name == "Evaluation.predict_and_score"]
        return {
            "summaries": [s["right"]["right"]["true_fraction"] for s in summaries],
            "worst": [s["Distance"]["worst"] for s in summaries[:2]],
            "calls": len(calls),
            "rows": len(rows),
            "row": sorted(rows[0].output),
            "traces": len(scores),
            "by_scorer": sorted(next(iter(scores.values()))),
            "score_calls": sorted({c.func_name for group in score_calls.values() for c in group}),
            "status": sorted({c.summary["weave"]["status"] for c in calls}),
        }

    @tour.step
    def parts_by_hand():
        results = asyncio.run(evaluation.get_eval_results(Plus(step=1)))
        summary = asyncio.run(evaluation.summarize(results))
        one = asyncio.run(evaluation.predict_and_score(Plus(step=5), ROWS[0]))
        base = weave.Scorer(name="base").summarize([1, 2])
        try:
            weave.Scorer(name="base").score(output=1)
        except NotImplementedError:
            base = [base, "no score"]
        return {
            "rows": len(list(results.rows)),
            "right": summary["right"]["right"]["true_count"],
            "one": one["output"],
            "base": base,
            "name": Distance().display_name,
        }

    @tour.step
    def read_back():
        ref = get_ref(evaluation)
        read = client.get_evaluation(ref.uri)
        everything = client.get_evaluations()
        return {
            "name": read.name,
            "dataset": len(list(read.dataset.rows)),
            "scorers": len(read.scorers),
            "all": sorted({e.name for e in everything}),
        }

    @tour.step
    def logger():
        log = weave.EvaluationLogger(
            name="by hand",
            model={"name": "mine", "size": 3},
            dataset="my rows",
            eval_attributes={"why": "test"},
            scorers=["good"],
        )
        for n in range(3):
            prediction = log.log_prediction(inputs={"n": n}, output=n * 2)
            prediction.log_score("good", n > 0)
            with prediction.log_score("slow") as score:
                score.value = n / 2
            prediction.finish()
        log.log_example(inputs={"n": 9}, output=18, scores={"good": True, "slow": 4.5})
        log.set_view("report", "# Report\n", extension="md")
        log.log_summary({"mine": 7})
        client.flush()
        url = log.ui_url
        call = client.get_call(url.rsplit("/", 1)[-1])
        failed = weave.EvaluationLogger(name="failed", model="mine", dataset="my rows")
        failed.log_prediction(inputs={"n": 1}, output=2).finish()
        failed.fail(RuntimeError("stopped"))
        ended = weave.EvaluationLogger(name="ended", model="mine", dataset="my rows")
        ended.finish()
        client.flush()
        rows = [c for c in call.children() if "predict_and_score" in c.func_name]
        return {
            "attributes": log.attributes.get("why") if log.attributes else None,
            "good": call.output["good"]["true_count"],
            "mine": call.output["output"]["mine"]
            if "output" in call.output
            else call.output["mine"],
            "rows": len(rows),
            "scores": dict(dict(rows[-1].output["scores"]).items()),
            "failed": client.get_call(failed.ui_url.rsplit("/", 1)[-1]).exception,
            "views": "report" in str(call.summary),
        }

    @tour.step
    def leaderboards():
        board = leaderboard.Leaderboard(
            name="Best adders",
            description="who adds best",
            columns=[
                leaderboard.LeaderboardColumn(
                    evaluation_object_ref=get_ref(evaluation).uri,
                    scorer_name="right",
                    summary_metric_path="right.true_fraction",
                ),
                leaderboard.LeaderboardColumn(
                    evaluation_object_ref=get_ref(evaluation).uri,
                    scorer_name="Distance",
                    summary_metric_path="worst",
                    should_minimize=True,
                ),
            ],
        )
        ref = weave.publish(board)
        read = weave.ref(ref.uri).get()
        results = leaderboard.get_leaderboard_results(read, client)
        found = {}
        for result in results:
            name = result.model_ref.split("/")[-1].split(":")[0]
            found.setdefault(name, []).append(
                [
                    column.scores[-1].value if column.scores else None
                    for column in result.column_scores
                ]
            )
        return {"name": ref.name, "columns": len(read.columns), "results": found}


tour.tell()
