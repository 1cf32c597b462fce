"""Why we say no: one function a code, each with its plain sentence and particulars.

The sentence says what is wrong and what to do next (50号三(四): 简明扼要、通俗易懂).
"""
