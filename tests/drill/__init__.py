"""The rotation drill: six server processes behind a balancer, 300 visitors, and a ring that is rotated three times.

``python -m tests.drill`` runs it. Nobody may be logged out, no write may be lost, and no token may be resealed back and
forth. ``--control`` runs a wrong rotation, which must log visitors out.

The operator uses the commands of the package, without ``--force``. What goes wrong in each rotation:

- One node lags a step. It gets the ring of a step only when the next step comes. The steps are: add a key, its time to
  seal comes, promote it, drop the old key. So the lagging node has the new key before any server seals with it. A node
  that lags longer logs visitors out, which ``keyring rotate`` says, and the control shows it.
- One node has a broken file at each step, which is repaired when the next step comes. It keeps the previous keys.
- One node's clock is 50 seconds ahead. It seals with the new key 50 seconds before the others do.

The processes share one clock, which the drill sets. It moves on when visitors have been served, and it stops while
servers restart. So the drill has the package's own times (2 minutes until a key seals, 10 seconds between two looks at
a file, 5 minutes before a reseal) in minutes, and a slow machine does not change the result.
"""
