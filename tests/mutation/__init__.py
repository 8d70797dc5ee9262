"""What the unit tests notice: small changes to the program, one at a time.

``make mutation`` draws a sample of the changes that cosmic-ray can make to the packages of
``PACKAGES``, makes each in a copy of the sources and runs the unit tests of that package. A
change that no test notices is printed: a test is missing, or it changes nothing.
``SAMPLE=40 SEED=1 PACKAGE="patch"`` say how many, which and of what.
"""
