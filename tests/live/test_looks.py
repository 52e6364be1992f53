"""When to look: soon at what is new, at everything in a tenth of the time, and every two seconds where nothing comes."""

from dicomsniff.live.looks import LATEST, SOONEST, WHOLE_SHARE, Look, Looks


def test_while_everything_is_little_every_look_is_at_everything() -> None:
    looks = Looks(0.0)
    assert looks.next(0.0) is Look.WHOLE
    looks.took(Look.WHOLE, 0.01, 0.0)
    looks.stir()
    assert looks.next(SOONEST - 0.01) is Look.NOT_YET and looks.next(SOONEST) is Look.WHOLE


def test_where_everything_is_much_what_is_new_is_looked_at_between() -> None:
    looks = Looks(0.0)
    looks.took(Look.WHOLE, 0.5, -10.0)
    looks.took(Look.WHOLE, 0.5, 0.0)
    looks.stir()
    assert looks.next(1.5) is Look.NEW
    looks.took(Look.NEW, 0.01, 1.5)
    assert looks.next(1.8) is Look.NOT_YET, "nothing came"
    looks.stir()
    assert looks.next(1.7) is Look.NOT_YET and looks.next(1.75) is Look.NEW
    looks.took(Look.NEW, 0.01, 1.75)
    assert looks.next(0.5 * WHOLE_SHARE) is Look.WHOLE, "the next whole one is due all the same"


def test_one_look_that_took_long_delays_nothing() -> None:
    looks = Looks(0.0)
    looks.took(Look.WHOLE, 0.01, 0.0)
    looks.took(Look.WHOLE, 2.0, 1.0)
    looks.stir()
    assert looks.next(1.0 + SOONEST) is Look.WHOLE


def test_the_clock_alone_is_reason_to_look() -> None:
    looks = Looks(0.0)
    looks.took(Look.WHOLE, 0.0, 0.0)
    assert looks.next(LATEST - 0.01) is Look.NOT_YET and looks.next(LATEST) is Look.WHOLE
