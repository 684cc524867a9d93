using System.Reflection;
using System.Reflection.Metadata;
using MicroSpark.Code;

namespace MicroSpark.Closures;

/// <summary>
/// How a lambda comes to the reads of some static fields: by calls that can only mean one method, which <see cref="MethodCopies"/> copies,
/// or otherwise. Copies are found through the code of all projects and packages, since a process cannot tell another one's projects from
/// its packages, and a worker must find what the program found. Whether there are other ways to a read is for the program alone to decide.
/// </summary>
internal sealed class MethodReach
{
    private const int MostMethods = 5_000;

    private readonly Dictionary<MethodBase, Node> _nodes = [];
    private readonly List<Node> _inOrder = [];
    private readonly FieldPlace[] _fields;

    private MethodReach(FieldInfo[] fields) => _fields = [.. fields.Select(FieldPlace.Of)];

    /// <summary>A method that is reached by calls that can only mean it.</summary>
    internal sealed class Node(MethodBase method, IlCode code)
    {
        public MethodBase Method { get; } = method;

        public IlCode Code { get; } = code;

        /// <summary>By the number of an instruction: the method that it calls and no other.</summary>
        public Dictionary<int, Node> Calls { get; } = [];

        /// <summary>By the number of an instruction: the field, as counted in the constructor's list, that it reads.</summary>
        public Dictionary<int, int> Reads { get; } = [];

        /// <summary>What it comes to in any other way.</summary>
        public List<MethodBase> Others { get; } = [];

        /// <summary>The fields that it reads, or whose reads lie behind its calls.</summary>
        public SortedSet<int> Needs { get; } = [];
    }

    public Node Root { get; private set; } = null!;

    /// <summary>The field that <see cref="Why"/> is about, as counted in the constructor's list.</summary>
    public int Obstacle { get; private set; }

    /// <summary>The methods that must be copied; the lambda's own is among them.</summary>
    public IEnumerable<Node> Copied => _inOrder.Where(static node => node.Needs.Count > 0);

    /// <summary>Why not every read can be replaced; null when it can.</summary>
    public string? Why { get; private set; }

    /// <summary>Types whose initializers must have run when a copy runs.</summary>
    public IEnumerable<Type> Initialized => Copied.Select(static node => node.Method.DeclaringType!)
        .Concat(_fields.Select(static place => place.Owner!)).Distinct().Where(IlCopy.HasPreciseInitializer);

    /// <param name="isDeclared">Whether the program asks, which declares the lambda, and not a worker.</param>
    public static MethodReach Of(MethodInfo lambda, FieldInfo[] fields, bool isDeclared)
    {
        var reach = new MethodReach(fields);
        reach.Why = reach.Walk(lambda) ?? (isDeclared ? reach.FindOtherRead(lambda, fields) : null) ?? reach.FindObstacle();
        return reach;
    }

    private string? Walk(MethodInfo lambda)
    {
        if (NodeOf(lambda) is not { } root)
        {
            return $"{DisplayNames.Of(lambda)} has no code";
        }

        Root = root;
        for (var next = 0; next < _inOrder.Count; next++)
        {
            if (_inOrder.Count > MostMethods)
            {
                return $"it comes to more than {MostMethods} methods";
            }

            Follow(_inOrder[next]);
        }

        for (var changed = true; changed;)
        {
            changed = false;
            for (var at = _inOrder.Count - 1; at >= 0; at--)
            {
                var needs = _inOrder[at].Needs;
                var before = needs.Count;
                foreach (var callee in _inOrder[at].Calls.Values)
                {
                    needs.UnionWith(callee.Needs);
                }

                changed |= needs.Count != before;
            }
        }

        return null;
    }

    private Node? NodeOf(MethodBase method)
    {
        if (!_nodes.TryGetValue(method, out var node) && OwnPath.CodeOf(method) is { } code)
        {
            _nodes.Add(method, node = new Node(method, code));
            _inOrder.Add(node);
        }

        return node;
    }

    private void Follow(Node node)
    {
        if (CompilerMade.BodyOf(node.Method) is { } body)
        {
            node.Others.Add(body);
        }

        var instructions = node.Code.Instructions;
        for (var at = 0; at < instructions.Count; at++)
        {
            var code = instructions[at].Code;
            switch (code)
            {
                case ILOpCode.Ldsfld or ILOpCode.Ldsflda:
                    if (IlTokens.Resolve(node.Code.Field, instructions[at]) is { } field
                        && Array.IndexOf(_fields, FieldPlace.Of(field)) is >= 0 and var index)
                    {
                        node.Reads.Add(at, index);
                        node.Needs.Add(index);
                    }

                    break;
                case ILOpCode.Call or ILOpCode.Callvirt or ILOpCode.Newobj or ILOpCode.Ldftn or ILOpCode.Ldvirtftn:
                    if (IlTokens.Resolve(node.Code.Method, instructions[at]) is not { DeclaringType: { } type } callee
                        || SharedCode.Has(type.Assembly))
                    {
                        break;
                    }

                    var meansOne = callee is MethodInfo && (at == 0 || instructions[at - 1].Code != ILOpCode.Constrained)
                        && (code == ILOpCode.Call || (code == ILOpCode.Callvirt && !callee.IsVirtual));
                    if (meansOne && NodeOf(callee) is { } called)
                    {
                        node.Calls.Add(at, called);
                    }
                    else
                    {
                        node.Others.Add(callee);
                    }

                    break;
            }
        }
    }

    /// <summary>Why a read is out of reach: it lies behind what can mean several methods, or runs when another method decides.</summary>
    private string? FindOtherRead(MethodInfo lambda, FieldInfo[] fields)
    {
        var path = OwnPath.Of(lambda);
        var reached = _inOrder.Select(static node => MethodKey.Of(node.Method)).ToHashSet();
        var others = OwnPath.Of(_inOrder.SelectMany(static node => node.Others).Distinct()).Bodies
            .Concat(path.Bodies.Where(body => !reached.Contains(MethodKey.Of(body.Method))));
        foreach (var (method, code) in others)
        {
            if (ReadIn(code, 0, code.Instructions.Count, static _ => true))
            {
                return $"{DisplayNames.Of(method)} reads it, which is not simply called: it is a constructor, an override, an iterator, "
                    + "asynchronous, or passed on as a function";
            }
        }

        foreach (var node in _inOrder)
        {
            if (ReadIn(node.Code, 0, node.Code.Instructions.Count, field => Array.IndexOf(_fields, FieldPlace.Of(field)) < 0))
            {
                return $"{DisplayNames.Of(node.Method)} reads the same field of another construction of its generic type";
            }
        }

        foreach (var read in path.Reads.Where(read => Array.IndexOf(_fields, FieldPlace.Of(read.Field)) < 0))
        {
            var made = read.Initializer.Own;
            var run = OwnPath.Of(made, passedOn: true).Bodies;
            if (ReadIn(made.Code, made.From, made.To, static _ => true)
                || run.Any(body => ReadIn(body.Code, 0, body.Code.Instructions.Count, static _ => true)))
            {
                return $"'{DisplayNames.Of(read.Field)}', which the lambda reads as well, is made of it by each worker";
            }
        }

        var named = new NamedOwnTypes(path);
        for (Obstacle = 0; Obstacle < fields.Length; Obstacle++)
        {
            if (StaticWriters.OverrideThatReads(fields[Obstacle], named.MayBe) is { } reader)
            {
                return $"{DisplayNames.Of(reader)} comes to it as well, and nobody can tell whether the lambda calls that";
            }

            if (!Root.Needs.Contains(Obstacle))
            {
                return "its read was not found";
            }
        }

        return null;
    }

    /// <summary>Whether a stretch of code reads one of the fields, in any construction of its type; notes which.</summary>
    private bool ReadIn(IlCode code, int from, int to, Func<FieldInfo, bool> counts)
    {
        for (var at = from; at < to; at++)
        {
            var instruction = code.Instructions[at];
            if (instruction.Code is ILOpCode.Ldsfld or ILOpCode.Ldsflda or ILOpCode.Ldtoken
                && IlTokens.Resolve(code.Member, instruction) is FieldInfo { IsStatic: true } field && counts(field))
            {
                var index = Array.FindIndex(
                    _fields, place => place.Token == field.MetadataToken && place.Owner!.Module == field.Module);
                if (index >= 0)
                {
                    Obstacle = index;
                    return true;
                }
            }
        }

        return false;
    }

    private string? FindObstacle()
    {
        foreach (var node in Copied)
        {
            Obstacle = node.Needs.Min;
            var name = DisplayNames.Of(node.Method);
            if (!CanCopy(node.Code))
            {
                return $"{name} has a 'try', a 'using', a 'lock', a 'foreach' that disposes something, a 'stackalloc' or a tail call; code "
                    + "with these is not copied";
            }

            if ((node.Method.MethodImplementationFlags & MethodImplAttributes.Synchronized) != 0 || IlCopy.AsksWhoCalls(node.Code))
            {
                return $"{name} is synchronized, or asks which method runs";
            }

            if (node.Method.ContainsGenericParameters)
            {
                return $"{name} is of an open generic type";
            }

            if (node.Reads.Keys.Any(at => node.Code.Instructions[at].Code == ILOpCode.Ldsflda && !FieldAddress.IsOnlyRead(node.Code, at)))
            {
                return $"{name} takes its address";
            }

            if (((MethodInfo)node.Method).ReturnType is { } result && (result.IsByRef || result.IsByRefLike || result.IsPointer))
            {
                return $"{name} returns a reference";
            }
        }

        return Root.Needs.Count == _fields.Length ? null : "its read was not found";
    }

    private static bool CanCopy(IlCode code)
    {
        try
        {
            return IlCopy.CanCopy(code);
        }
        catch (Exception error) when (IlTokens.IsUnreadable(error))
        {
            return false;
        }
    }
}
