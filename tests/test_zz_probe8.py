import os; os.environ["PTB_TIMEDELTA"]="1"
import asyncio, pytest
from knowledge.database import Database
from knowledge.topics import Topics
from bot.inbox import Inbox, NotStoredError
from bot.lanes import Lanes
from tests.support.clock import FakeClock
from tests.conftest import *
from telegram import Update
from sqlalchemy import text
U=lambda n,chat=1,t="geheimer Text": Update.de_json({"update_id":n,"message":{"message_id":n,"date":1,"chat":{"id":chat,"type":"private"},"from":{"id":chat,"is_bot":False,"first_name":"A"},"text":t}},None)
async def test_two_migrations(database_url):
    a,b=Database(database_url),Database(database_url)
    r=await asyncio.gather(a.migrate(),b.migrate(),return_exceptions=True)
    print(r); await a.close(); await b.close()
    assert r==[None,None]
async def test_topics_parallel(database,clock):
    t=Topics(database)
    r=await asyncio.gather(*(t.remember(1,f"E{i}",clock()) for i in range(10)),return_exceptions=True)
    assert r==[None]*10, r
async def test_notstored(database,clock):
    i=Inbox(database,clock)
    async with database.writing() as c: await c.execute(text("DROP TABLE received_update"))
    with pytest.raises(NotStoredError) as e: await i.put(U(1))
    assert "geheim" not in str(e.value), str(e.value)
async def test_flood(database,clock):
    i=Inbox(database,clock); l=Lanes(i)
    gate=asyncio.Event(); other=asyncio.Event()
    async def stuck(): await gate.wait()
    async def run(): other.set()
    async with l, asyncio.TaskGroup() as g:
        for n in range(70): g.create_task(l.process_update(U(n),stuck()))
        g.create_task(l.process_update(U(100,2),run()))
        try:
            async with asyncio.timeout(2): await other.wait()
            ok=True
        except TimeoutError: ok=False
        gate.set()
    assert ok
async def test_half_migration(database_url, monkeypatch):
    d=Database(database_url)
    from knowledge import database as m
    from alembic import op
    orig=op.create_index
    def fail(*a,**k): raise RuntimeError("killed")
    monkeypatch.setattr(op,"create_index",fail)
    with pytest.raises(RuntimeError): await d.migrate()
    monkeypatch.undo()
    await d.migrate()
    await d.close()
async def test_nul(database,clock):
    from knowledge.handed_over import HandedOverQuestions
    assert await HandedOverQuestions(database).add(1,1,"a\x00b",clock())
async def test_nul_inbox(database,clock):
    i=Inbox(database,clock)
    await i.put(U(1,1,"a\x00b\ud83d"))
