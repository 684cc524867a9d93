using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using MicroSpark.Code;

namespace MicroSpark.Stages.Selecting;

/// <summary>Makes copies of functions that end with <c>Select</c>: see <see cref="SelectCall"/>.</summary>
internal sealed class SelectEmitter(Type elementType)
{
    private readonly Type _bufferType = typeof(FlatMapBuffer<>).MakeGenericType(elementType);
    private readonly Type _roomType = typeof(Span<>).MakeGenericType(elementType);
    private readonly Dictionary<SelectCall, DynamicMethod> _copies = [];

    /// <summary>Objects that wait in the buffer are kept alive by it.</summary>
    private readonly int _longest = (bool)typeof(RuntimeHelpers).GetMethod(nameof(RuntimeHelpers.IsReferenceOrContainsReferences))!
        .MakeGenericMethod(elementType).Invoke(null, null)! ? FlatMapBuffer<int>.LongestRun : SelectSource<int>.LongestSelected;

    public DynamicMethod CopyOf(SelectCall call)
    {
        if (_copies.TryGetValue(call, out var copy))
        {
            return copy;
        }

        Type[] parameters =
        [
            .. call.Method.IsStatic ? [] : new[] { call.Method.DeclaringType! },
            .. call.Method.GetParameters().Select(p => p.ParameterType),
            _bufferType,
        ];

        // Of the function's own module: what asks for the calling code's assembly finds the same one.
        copy = new DynamicMethod(call.Method.Name, call.Method.ReturnType, parameters, call.Method.Module, skipVisibility: true)
        {
            InitLocals = call.Code.Body.InitLocals,
        };
        _copies.Add(call, copy);
        var il = copy.GetILGenerator();
        var buffer = (short)(parameters.Length - 1);
        IlCopy.Emit(il, call.Code, (at, emitOwn) =>
        {
            var tail = call.Tails.GetValueOrDefault(at);
            if (tail is { Callee: { } callee })
            {
                il.Emit(OpCodes.Ldarg, buffer);
                il.Emit(OpCodes.Call, CopyOf(callee));
                return;
            }

            if (tail is not null)
            {
                EmitSelect(il, tail, buffer);
            }

            emitOwn();
        });
        return copy;
    }

    /// <summary>
    /// For the source on the stack, and on it the selector or the lambda's target: leaves them there when LINQ is to do it.
    /// </summary>
    private void EmitSelect(ILGenerator il, SelectTail tail, short buffer)
    {
        var itemType = tail.Called.GetGenericArguments()[0];
        var fromType = typeof(SelectSource<>).MakeGenericType(itemType);
        var selector = il.DeclareLocal(tail.Selector?.DeclaringType ?? tail.Called.GetParameters()[1].ParameterType);
        var source = il.DeclareLocal(tail.Called.GetParameters()[0].ParameterType);
        var from = il.DeclareLocal(fromType);
        var room = il.DeclareLocal(_roomType);
        var i = il.DeclareLocal(typeof(int));
        var byLinq = il.DefineLabel();
        var ofList = il.DefineLabel();
        var end = il.DefineLabel();

        il.Emit(OpCodes.Stloc, selector);
        il.Emit(OpCodes.Stloc, source);
        if (tail.Selector is null)
        {
            // LINQ says what is wrong with a selector that is null.
            il.Emit(OpCodes.Ldloc, selector);
            il.Emit(OpCodes.Brfalse, byLinq);
        }

        il.Emit(OpCodes.Ldloca, from);
        il.Emit(OpCodes.Ldloc, source);
        il.Emit(OpCodes.Ldc_I4, _longest);
        il.Emit(OpCodes.Call, fromType.GetMethod(nameof(SelectSource<>.TryOpen))!);
        il.Emit(OpCodes.Brfalse, byLinq);
        il.Emit(OpCodes.Ldarg, buffer);
        Get(nameof(SelectSource<>.Length));
        il.Emit(OpCodes.Call, _bufferType.GetMethod(nameof(FlatMapBuffer<>.RoomFor))!);
        il.Emit(OpCodes.Stloc, room);
        il.Emit(OpCodes.Ldc_I4_0);
        il.Emit(OpCodes.Stloc, i);
        Get(nameof(SelectSource<>.IsList));
        il.Emit(OpCodes.Brtrue, ofList);
        EmitArrayLoop();
        il.Emit(OpCodes.Br, end);
        il.MarkLabel(ofList);
        EmitListLoop();
        il.MarkLabel(end);
        il.Emit(OpCodes.Ldarg, buffer);
        il.Emit(OpCodes.Ldloc, i);
        il.Emit(OpCodes.Call, _bufferType.GetMethod(nameof(FlatMapBuffer<>.Selected))!);
        il.Emit(OpCodes.Ret);

        il.MarkLabel(byLinq);
        il.Emit(OpCodes.Ldloc, source);
        EmitOwnTarget(il, tail, selector);

        void EmitArrayLoop()
        {
            var itemsType = typeof(ReadOnlySpan<>).MakeGenericType(itemType);
            var items = il.DeclareLocal(itemsType);
            var element = il.DefineLabel();
            var test = il.DefineLabel();
            Get(nameof(SelectSource<>.Items));
            il.Emit(OpCodes.Stloc, items);
            il.Emit(OpCodes.Br, test);
            il.MarkLabel(element);
            EmitElement(() =>
            {
                il.Emit(OpCodes.Ldloca, items);
                il.Emit(OpCodes.Ldloc, i);
                il.Emit(OpCodes.Call, itemsType.GetMethod("get_Item")!);
                il.Emit(OpCodes.Ldobj, itemType);
            });
            il.MarkLabel(test);
            EmitEndWhenStopped();
            il.Emit(OpCodes.Ldloc, i);
            il.Emit(OpCodes.Ldloca, items);
            il.Emit(OpCodes.Call, itemsType.GetProperty("Length")!.GetMethod!);
            il.Emit(OpCodes.Blt, element);
        }

        // A list that the selector changes is noticed before its next element, as LINQ does.
        void EmitListLoop()
        {
            var element = il.DefineLabel();
            var test = il.DefineLabel();
            il.Emit(OpCodes.Br, test);
            il.MarkLabel(element);
            EmitElement(() => Get(nameof(SelectSource<>.Current)));
            il.MarkLabel(test);
            EmitEndWhenStopped();
            il.Emit(OpCodes.Ldloca, from);
            il.Emit(OpCodes.Call, fromType.GetMethod(nameof(SelectSource<>.MoveNext))!);
            il.Emit(OpCodes.Brtrue, element);
        }

        // What is there by then is left as it is: the loop around does not look at it.
        void EmitEndWhenStopped()
        {
            il.Emit(OpCodes.Ldarg, buffer);
            il.Emit(OpCodes.Call, _bufferType.GetProperty(nameof(FlatMapBuffer<>.Stopped))!.GetMethod!);
            il.Emit(OpCodes.Brtrue, end);
        }

        void EmitElement(Action pushItem)
        {
            il.Emit(OpCodes.Ldloca, room);
            il.Emit(OpCodes.Ldloc, i);
            il.Emit(OpCodes.Call, _roomType.GetMethod("get_Item")!);
            il.Emit(OpCodes.Ldloc, selector);
            pushItem();
            il.Emit(OpCodes.Call, tail.Selector ?? selector.LocalType.GetMethod("Invoke")!);
            il.Emit(OpCodes.Stobj, elementType);
            il.Emit(OpCodes.Ldloc, i);
            il.Emit(OpCodes.Ldc_I4_1);
            il.Emit(OpCodes.Add);
            il.Emit(OpCodes.Stloc, i);
        }

        void Get(string property)
        {
            il.Emit(OpCodes.Ldloca, from);
            il.Emit(OpCodes.Call, fromType.GetProperty(property)!.GetMethod!);
        }
    }

    /// <summary>
    /// Pushes the target of LINQ's delegate. When no other code has these variables, the delegate gets another object with the same values.
    /// Then the loops' own object never leaves the method, and the JIT keeps its fields in registers.
    /// </summary>
    private static void EmitOwnTarget(ILGenerator il, SelectTail tail, LocalBuilder selector)
    {
        if (!tail.OwnsVariables)
        {
            il.Emit(OpCodes.Ldloc, selector);
            return;
        }

        il.Emit(OpCodes.Newobj, selector.LocalType.GetConstructor(Type.EmptyTypes)!);
        foreach (var field in selector.LocalType.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        {
            il.Emit(OpCodes.Dup);
            il.Emit(OpCodes.Ldloc, selector);
            il.Emit(OpCodes.Ldfld, field);
            il.Emit(OpCodes.Stfld, field);
        }
    }
}
