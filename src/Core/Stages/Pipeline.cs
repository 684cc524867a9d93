using System.Reflection;
using MicroSpark.Closures;
using MicroSpark.Files;
using MicroSpark.Plans;
using MicroSpark.Readers;

namespace MicroSpark.Stages;

/// <summary>
/// A chain of fused operators over a head that is opened for one partition: what one task (or a part of it) runs. Erased but for the
/// type of what comes out.
/// </summary>
internal sealed class Pipeline<T> : IPipeline<T>
{
    /// <summary>Longer chains are cut: the JIT's time grows faster than a method's length.</summary>
    private const int LongestLoop = 48;

    private readonly TaskScope _scope;
    private readonly PlanNode _headNode;
    private readonly int _headPartition;
    private readonly IFusedNode[] _operators;
    private readonly Delegate[][] _functions;
    private ChunkReader<T>? _opened;

    private Pipeline(TaskScope scope, PlanNode headNode, int headPartition, IFusedNode[] operators, Delegate[][] functions)
    {
        _scope = scope;
        _headNode = headNode;
        _headPartition = headPartition;
        _operators = operators;
        _functions = functions;
    }

    /// <summary>
    /// Follows the narrow operators up from <paramref name="node"/> to the head: a source, a kept output, or an operator that must see its
    /// input as a whole.
    /// </summary>
    public static Pipeline<T> Of(PlanNode<T> node, int partition, TaskScope scope)
    {
        var operators = new List<IFusedNode>();
        var functions = new List<Delegate[]>();
        PlanNode at = node;
        while (at is IFusedNode fused && !scope.IsKept(at))
        {
            if (operators.Count == LongestLoop)
            {
                break;
            }

            operators.Add(fused);
            functions.Add(fused.CreateFunctions(partition, scope));
            (at, partition) = fused.Upstream(partition);
        }

        operators.Reverse();
        functions.Reverse();
        return new Pipeline<T>(scope, at, partition, operators.ToArray(), functions.ToArray());
    }

    /// <summary>A pipeline without operators over a reader that is open already, at work for <paramref name="owner"/>.</summary>
    public static Pipeline<T> OfReader(ChunkReader<T> reader, PlanNode<T> owner, TaskScope scope) =>
        new(scope, owner, 0, [], []) { _opened = reader };

    /// <summary>Runs all elements into the sink, or until it wants no more.</summary>
    public void Drive<TSink>(ref TSink sink)
        where TSink : struct, ISink<T>
    {
        var progress = _scope.NewProgress();
        var head = Head();
        try
        {
            if (_scope.Fused)
            {
                DriveFused(ref sink, head, progress);
            }
            else
            {
                DriveInterpreted(ref sink, head, progress);
            }
        }
        catch (Exception e) when (_scope.NoteFailure(e, () => Site(progress, e)))
        {
            throw;
        }
        finally
        {
            ((IDisposable)head).Dispose();
        }
    }

    /// <summary>
    /// <see cref="Drive"/> for sinks that take runs: without operators between, whole runs of the head go to the sink as they are.
    /// </summary>
    public void DriveRuns<TSink>(ref TSink sink)
        where TSink : struct, IRunSink<T>
    {
        if (_operators.Length > 0)
        {
            Drive(ref sink);
            return;
        }

        var progress = _scope.NewProgress();
        using var head = (ChunkReader<T>)Head();
        try
        {
            while (true)
            {
                progress.ThrowIfStopped();
                if (head.NextLasting(out var lasting))
                {
                    sink.AddLasting(lasting);
                    Count(lasting.Length);
                }
                else if (head.Next(LoopProgress.LongestRun, out var run))
                {
                    sink.AddRun(run);
                    Count(run.Length);
                }
                else
                {
                    break;
                }
            }
        }
        catch (Exception e) when (_scope.NoteFailure(e, () => Site(progress, e)))
        {
            throw;
        }

        void Count(int elements)
        {
            progress.Index += elements;
            progress.Task.Count(elements);
        }
    }

    /// <summary>The elements on demand, for operators whose function takes the whole partition as a sequence.</summary>
    public IEnumerable<T> Iterate()
    {
        // Asked for by user code or by the engine: the operators are user code in both cases, and the head is the engine's.
        var progress = _scope.NewProgress();
        var head = OpenHead(progress);
        using var disposing = (IDisposable)head;
        using var items = ((IEnumerable<T>)Iterate(head, progress)).GetEnumerator();
        while (true)
        {
            T item;
            try
            {
                using var section = progress.Task.User();
                if (!items.MoveNext())
                {
                    yield break;
                }

                item = items.Current;
            }
            catch (Exception e) when (_scope.NoteFailure(e, () => Site(progress, e)))
            {
                throw;
            }

            yield return item;
        }
    }

    /// <summary>The elements in runs. An operator-free pipeline is its head.</summary>
    public ChunkReader<T> AsReader()
    {
        if (_operators.Length == 0)
        {
            return (ChunkReader<T>)Head();
        }

        return _scope.Fused && _operators.All(o => o is not IExpandingNode)
            ? new SegmentReader<T>(this, _headNode.OneRun(Head()), _scope.NewProgress())
            : new EnumerableReader<T>(Iterate(), isUserCode: true);
    }

    private object OpenHead(LoopProgress progress)
    {
        using var section = progress.Task.Engine();
        return Head();
    }

    private object Head() =>
        _opened is not null ? _opened
        : _headNode is IFusedNode && !_scope.IsKept(_headNode)
        ? _headNode.OpenAsReader(_headPartition, _scope)
        : _headNode.OpenHead(_headPartition, _scope);

    private object Iterate(object head, LoopProgress progress)
    {
        var items = _headNode.Enumerate(head, progress);
        for (var i = 0; i < _operators.Length; i++)
        {
            items = _operators[i].Iterate(items, _functions[i]);
        }

        return items;
    }

    private void DriveInterpreted<TSink>(ref TSink sink, object head, LoopProgress progress)
        where TSink : struct, ISink<T>
    {
        using var section = progress.Task.User();
        foreach (var item in (IEnumerable<T>)Iterate(head, progress))
        {
            if (!sink.Add(item))
            {
                break;
            }
        }
    }

    /// <summary>Runs what <paramref name="head"/> still has through the compiled loop.</summary>
    internal void DriveFused<TSink>(ref TSink sink, object head, LoopProgress progress)
        where TSink : struct, ISink<T>
    {
        // Compiling is the engine's; the loop itself says when it calls user code.
        using var section = progress.Task.Engine();
        var sinkFunctions = sink is IEmittingSink emitting ? emitting.Functions : [];
        var first = new int[_operators.Length + 1];
        var shapes = new List<FunctionShape>();
        var targets = new List<object?>();
        for (var i = 0; i < _operators.Length; i++)
        {
            first[i] = shapes.Count;
            AddFunctions(_functions[i], _operators[i] is IExpandingNode);
        }

        first[^1] = shapes.Count;
        AddFunctions(sinkFunctions, isFlatMap: false);
        if (head is LineReader lines && _operators is [IExpandingNode, ..] && targets[0] is WordSplitter splitter)
        {
            // The first operator's work is done where the lines are read: they need no strings of their own.
            head = progress.Words = new WordReader(lines, splitter);
        }

        var loop = LoopCache<TSink>.GetOrCompile(head.GetType(), _headNode.ElementType, _operators, shapes, first, sink);
        progress.Enter();
        try
        {
            loop(head, [.. targets], ref sink, progress);

            // It may have ended in the middle.
            progress.ThrowIfStopped();
        }
        finally
        {
            progress.Exit();
        }

        void AddFunctions(Delegate[] functions, bool isFlatMap)
        {
            foreach (var function in functions)
            {
                var shape = new FunctionShape(function, isFlatMap);
                shapes.Add(shape);
                targets.Add(shape.TargetOf(function));
            }
        }
    }

    internal bool NoteFailure(Exception e, LoopProgress progress) => _scope.NoteFailure(e, () => Site(progress, e));

    /// <summary>Which operator's function threw: the loop's own note, else the first of our functions on the stack.</summary>
    private FaultSite? Site(LoopProgress progress, Exception e)
    {
        if (progress.Operator >= 0 && progress.Operator < _operators.Length)
        {
            return SiteOf(progress.Operator, progress.SourceIndex);
        }

        var methods = new System.Diagnostics.StackTrace(e).GetFrames().Select(f => f.GetMethod()).ToHashSet();
        for (var i = _operators.Length - 1; i >= 0; i--)
        {
            if (_functions[i].Any(f => methods.Contains(f.Method) || methods.Any(method => FunctionNames.IsCopy(method, f))))
            {
                return SiteOf(i, progress.SourceIndex);
            }
        }

        return new FaultSite(_scope.RootOperator, null, progress.Operator < 0 && _scope.Fused ? null : progress.SourceIndex);
    }

    private FaultSite SiteOf(int index, long element) =>
        new(((PlanNode)_operators[index]).Operator, _functions[index].FirstOrDefault() is { } f ? FunctionNames.Of(f) : null, element);
}

/// <summary>An operator whose function may give many elements for one: it is not run ahead of its consumer in runs.</summary>
internal interface IExpandingNode;

/// <summary>How errors name a function.</summary>
internal static class FunctionNames
{
    public static string Of(Delegate function) =>
        (function.Target as BoundValues)?.Method is { } method ? Of(method) : Of(function.Method);

    /// <summary>
    /// Whether a method on the stack is the copy that a function runs as (<see cref="MethodCopies"/>): it has but a name.
    /// </summary>
    public static bool IsCopy(MethodBase? onStack, Delegate function) =>
        onStack is { DeclaringType: null } && function.Target is BoundValues bound && onStack.Name == bound.Method.Name;

    private static string Of(MethodInfo method) => $"{method.DeclaringType?.Name}.{method.Name}";
}
