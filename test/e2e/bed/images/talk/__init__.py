from otree.api import *

doc = 'A page where people talk without sending a form, one with a long time limit, and an end.'


class C(BaseConstants):
    NAME_IN_URL = 'talk'
    PLAYERS_PER_GROUP = None
    NUM_ROUNDS = 1


class Subsession(BaseSubsession):
    pass


class Group(BaseGroup):
    pass


class Player(BasePlayer):
    words = models.IntegerField(initial=0)


class Talk(Page):
    @staticmethod
    def live_method(player: Player, data):
        player.words += 1
        return {0: player.words}


class Decide(Page):
    timeout_seconds = 20 * 60


class End(Page):
    pass


page_sequence = [Talk, Decide, End]
