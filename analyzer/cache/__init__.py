"""Answers kept between runs: where, how they are named, checked, bounded and dropped.

``store`` holds entries as bytes, ``answers`` puts facts into them and checks what they came
from, ``keys`` names them, ``places`` says where they lie and how much room they may take.
"""

from analyzer.cache.answers import KeptText, ResultCache
from analyzer.cache.encoding import decode, encode
from analyzer.cache.keys import key_of

__all__ = ["KeptText", "ResultCache", "decode", "encode", "key_of"]
