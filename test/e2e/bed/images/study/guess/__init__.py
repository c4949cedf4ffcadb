from pathlib import Path

from otree.api import *

doc = 'Three people guess a number; who is nearest to the average of all wins.'
VERSION = Path('version.txt').read_text().strip()


class C(BaseConstants):
    NAME_IN_URL = 'guess'
    PLAYERS_PER_GROUP = 3
    NUM_ROUNDS = 2
    PRIZE = cu(10)


class Subsession(BaseSubsession):
    pass


class Group(BaseGroup):
    average = models.FloatField()


class Player(BasePlayer):
    number = models.IntegerField(min=0, max=100, label='Your number, from 0 to 100')
    is_winner = models.BooleanField(initial=False)


def set_winner(group: Group):
    players = group.get_players()
    group.average = sum(player.number for player in players) / len(players)
    nearest = min(players, key=lambda player: abs(player.number - group.average))
    nearest.is_winner = True
    nearest.payoff = C.PRIZE


class Guess(Page):
    form_model = 'player'
    form_fields = ['number']
    timeout_seconds = 120

    @staticmethod
    def vars_for_template(player: Player):
        return dict(version=VERSION)

    @staticmethod
    def before_next_page(player: Player, timeout_happened):
        if timeout_happened:
            player.number = 50


class AllHaveGuessed(WaitPage):
    after_all_players_arrive = set_winner


class Results(Page):
    pass


page_sequence = [Guess, AllHaveGuessed, Results]
