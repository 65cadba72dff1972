"""What an evaluation is going to cost, before it starts, and what that figure rests on."""
