from otree.api import Bot

from . import Questions


class PlayerBot(Bot):
    def play_round(self):
        yield Questions, dict(age=30, field_of_study='economics')
