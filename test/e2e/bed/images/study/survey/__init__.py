from otree.api import *

doc = 'Two questions.'


class C(BaseConstants):
    NAME_IN_URL = 'survey'
    PLAYERS_PER_GROUP = None
    NUM_ROUNDS = 1


class Subsession(BaseSubsession):
    pass


class Group(BaseGroup):
    pass


class Player(BasePlayer):
    age = models.IntegerField(min=18, max=120, label='How old are you?')
    field_of_study = models.StringField(label='What do you study?')


class Questions(Page):
    form_model = 'player'
    form_fields = ['age', 'field_of_study']


class Thanks(Page):
    pass


page_sequence = [Questions, Thanks]
