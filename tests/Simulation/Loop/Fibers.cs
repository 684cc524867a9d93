using System.Collections.Concurrent;
using MicroSpark.Model;
using MicroSpark.Slots;

namespace MicroSpark.Simulation.Loop;

/// <summary>
/// Threads that may wait, for the code that does: slots, and the tasks on them. The loop hands its turn to one of them, and gets it back
/// when that one waits or ends, so that at any time one thread of all goes on. The threads are used again by later worlds.
/// </summary>
internal sealed class Fibers(World world)
{
    private readonly World _world = world;

    [ThreadStatic]
    private static Fiber? t_current;

    private static readonly ConcurrentStack<Carrier> s_idle = new();

    private readonly int _loop = Environment.CurrentManagedThreadId;
    private readonly HashSet<Fiber> _open = [];
    private readonly List<Fiber> _order = [];
    private bool _ending;

    /// <summary>The calling thread's; null on the loop's.</summary>
    public static Fiber? Current => t_current;

    /// <summary>A fiber of a process, which goes on when the process does.</summary>
    public Fiber Start(Node node, Action work, string name)
    {
        var fiber = new Fiber(this, node.NewLane(name), work);
        _open.Add(fiber);
        _order.Add(fiber);
        fiber.GoOn();
        return fiber;
    }

    /// <summary>Ends all that still wait, by an exception in each.</summary>
    public void End()
    {
        _ending = true;
        for (var i = 0; i < _order.Count; i++)
        {
            while (_open.Contains(_order[i]))
            {
                Resume(_order[i]);
            }
        }
    }

    private void Resume(Fiber fiber)
    {
        if (fiber.Carrier is null)
        {
            fiber.Carrier = s_idle.TryPop(out var idle) ? idle : new Carrier();
            fiber.Carrier.Begin(fiber);
        }

        _world.HandTo(fiber.Carrier.Thread);
        fiber.Carrier.Go();
        _world.HandTo(_loop);
        if (fiber.IsOver)
        {
            _open.Remove(fiber);
            s_idle.Push(fiber.Carrier);
        }
    }

    private static void Seed(Fiber? fiber)
    {
        t_current = fiber;
        Chance.Seed(fiber?.World.Random);
    }

    /// <summary>One stretch of work that may wait.</summary>
    internal sealed class Fiber(Fibers owner, Lane lane, Action work)
    {
        public Carrier? Carrier { get; set; }

        public World World => owner._world;

        public Node Node => lane.Node!;

        public bool IsOver { get; private set; }

        /// <summary>Lets it go on, in its turn.</summary>
        public void GoOn() => lane.Post(() =>
        {
            if (!IsOver)
            {
                owner.Resume(this);
            }
        });

        /// <summary>By the fiber itself: waits until somebody lets it go on.</summary>
        public void Wait()
        {
            if (!owner._ending)
            {
                Carrier!.GiveBack();
            }

            if (owner._ending)
            {
                throw new WorldEndedException();
            }
        }

        /// <summary>By the fiber itself: lets time pass.</summary>
        public void Wait(TimeSpan time)
        {
            World.After(time, () =>
            {
                if (!Node.Crashed)
                {
                    GoOn();
                }
            });
            Wait();
        }

        /// <summary>By the fiber itself: waits until a task has ended.</summary>
        public void Wait(Task task)
        {
            if (!task.IsCompleted)
            {
                _ = task.ContinueWith(_ => GoOn(), CancellationToken.None, TaskContinuationOptions.None, lane);
                Wait();
            }
        }

        public void Run()
        {
            Seed(this);
            try
            {
                work();
            }
            catch (WorldEndedException)
            {
                // Nobody needs what it would have come to.
            }
            catch (Exception e)
            {
                World.Fail($"{lane.Name} threw {e}");
            }

            Seed(null);
            IsOver = true;
        }
    }

    /// <summary>A thread that carries one fiber after the other.</summary>
    internal sealed class Carrier
    {
        private const int StackBytes = 4 << 20;

        private readonly Turn _go = new();
        private readonly Turn _back = new();
        private readonly ManualResetEvent _never = new(false);
        private readonly Thread _thread;
        private Fiber? _fiber;

        public Carrier()
        {
            _thread = new Thread(Carry, StackBytes) { IsBackground = true, Name = "fiber" };
            _thread.Start();
        }

        public int Thread => _thread.ManagedThreadId;

        public void Begin(Fiber fiber) => _fiber = fiber;

        /// <summary>By the loop: ends when the fiber waits, or is over.</summary>
        public void Go()
        {
            _go.Give();
            _back.Await();
        }

        /// <summary>By the fiber: ends when it may go on. An interrupt that came meanwhile is thrown then, and not before.</summary>
        public void GiveBack()
        {
            _back.Give();
            var interrupted = false;
            while (!Passes(_go.Await, ref interrupted))
            {
            }

            // One that was sent last has not been seen yet.
            Passes(() => _ = _never.WaitOne(0), ref interrupted);
            if (interrupted)
            {
                throw new ThreadInterruptedException();
            }
        }

        private static bool Passes(Action wait, ref bool interrupted)
        {
            try
            {
                wait();
                return true;
            }
            catch (ThreadInterruptedException)
            {
                interrupted = true;
                return false;
            }
        }

        private void Carry()
        {
            while (true)
            {
                _go.Await();
                _fiber!.Run();
                _back.Give();
            }
        }
    }
}

/// <summary>
/// The one turn between two threads, of which one gives it and the other one waits. A <see cref="SemaphoreSlim"/> does not do: where an
/// interrupt meets a release in its waiter, it goes on counting one that is being woken, and a later release wakes nobody.
/// </summary>
internal sealed class Turn
{
    /// <summary>A turn comes back within microseconds as a rule: sooner than a thread falls asleep.</summary>
    private const int Spins = 30;

    private readonly object _lock = new();
    private volatile bool _here;

    public void Give()
    {
        lock (_lock)
        {
            _here = true;
            Monitor.Pulse(_lock);
        }
    }

    /// <exception cref="ThreadInterruptedException">It has not been taken: who waits again gets it.</exception>
    public void Await()
    {
        var spin = default(SpinWait);
        while (!_here && spin.Count < Spins)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }

        lock (_lock)
        {
            while (!_here)
            {
                Monitor.Wait(_lock);
            }

            _here = false;
        }
    }
}

/// <summary>Ends what still waits when its world is over.</summary>
internal sealed class WorldEndedException : Exception;

/// <summary>Slots of one process on fibers.</summary>
internal sealed class FiberThreads(World world, Node node) : SlotThreads
{
    public override void Start(Action work, string name) => world.Fibers.Start(node, work, name);

    public override SlotGate NewGate() => new Gate();

    private sealed class Gate : SlotGate
    {
        private Fibers.Fiber? _waiting;
        private int _open;

        public override void Wait()
        {
            while (_open == 0)
            {
                _waiting = Fibers.Current!;
                _waiting.Wait();
            }

            _open--;
        }

        public override void Open()
        {
            _open++;
            var waiting = _waiting;
            _waiting = null;
            waiting?.GoOn();
        }
    }
}
