from os import environ

SESSION_CONFIGS = [
    dict(name='guess', display_name='Guess the average', num_demo_participants=3, app_sequence=['guess']),
    dict(name='survey', display_name='A short survey', num_demo_participants=1, app_sequence=['survey']),
]
SESSION_CONFIG_DEFAULTS = dict(real_world_currency_per_point=1.00, participation_fee=0.00, doc='')
ROOMS = [dict(name='lab', display_name='The lab')]

PARTICIPANT_FIELDS = []
SESSION_FIELDS = []
LANGUAGE_CODE = 'en'
REAL_WORLD_CURRENCY_CODE = 'EUR'
USE_POINTS = True
DEMO_PAGE_INTRO_HTML = ''

ADMIN_USERNAME = 'admin'
ADMIN_PASSWORD = environ.get('OTREE_ADMIN_PASSWORD')
SECRET_KEY = environ.get('OTREE_SECRET_KEY', 'only for a developer at home')
